/** Numbers of flows, where their hashes are no help. */
import assert from "node:assert/strict";
import { BATCH_BYTES, createBatch } from "../../../src/batch/column_batch.ts";
import { KEY_WORDS } from "../../../src/contract/live_second.ts";
import { EVENT_FLAG, PRESENT } from "../../../src/contract/record_layout.ts";
import { FlowTable, NO_ROOM } from "../../../src/sinks/live/flow_table.ts";

interface Flow {
  readonly source: readonly number[];
  readonly destination: readonly number[];
}

/** A table whose hashes can be foretold: its secret is 0. */
function knownTable(limit = 64) {
  const table = new FlowTable(limit, new Uint32Array(KEY_WORDS));
  const batch = createBatch(new ArrayBuffer(BATCH_BYTES));
  const find = (...flows: readonly Flow[]) => {
    flows.forEach(({ source, destination }, row) => {
      batch.present[row] = PRESENT.IP;
      batch.flags[row] = source.length > 1 ? EVENT_FLAG.IPV6 : 0;
      batch.ipProtocol[row] = 47;
      batch.sourceAddress.set(source, 4 * row);
      batch.destinationAddress.set(destination, 4 * row);
    });
    const numbers = new Int32Array(flows.length);
    table.find(batch, Uint16Array.from(flows.keys()), flows.length, numbers);
    return [...numbers];
  };
  return { table, find };
}

/** The finaliser of MurmurHash3, which loses nothing: https://github.com/aappleby/smhasher */
function mix(word: number): number {
  word = Math.imul(word ^ word >>> 16, 0x85ebca6b);
  word = Math.imul(word ^ word >>> 13, 0xc2b2ae35);
  return word ^ word >>> 16;
}

/** What the hash is before the last word of the destination. */
function hashBeforeLast({ source, destination }: Flow): number {
  const meta = 47 * 256 + (source.length > 1 ? 1 << 17 : 1 << 16);
  let hash = mix(mix(meta));
  source.forEach((word, index) => {
    hash = mix(hash ^ word);
    if (index < source.length - 1) hash = mix(hash ^ destination[index]!);
  });
  return hash;
}

/** This flow with another last word, by which its hash is that of `other`. */
function withHashOf(other: Flow, flow: Flow): Flow {
  const last = (other.destination.at(-1)! ^ hashBeforeLast(other) ^ hashBeforeLast(flow)) >>> 0;
  return { ...flow, destination: [...flow.destination.slice(0, -1), last] };
}

const V4: Flow = { source: [1], destination: [2] };
const V6: Flow = { source: [1, 2, 3, 4], destination: [5, 6, 7, 8] };

for (
  const [name, flow, others] of [
    ["IPv4", V4, [{ source: [9], destination: [0] }]],
    ["IPv6", V6, [
      { source: [9, 2, 3, 4], destination: [5, 6, 7, 0] },
      { source: [1, 9, 3, 4], destination: [5, 6, 7, 0] },
      { source: [1, 2, 3, 4], destination: [5, 6, 9, 0] },
    ]],
  ] as const
) {
  Deno.test(`FlowTable keeps ${name} flows apart whose hashes are the same, at once and later`, () => {
    const { table, find } = knownTable();
    const flows = [flow, ...others.map((other) => withHashOf(flow, other))];
    const numbers = [...flows.keys()];
    assert.deepEqual(find(...flows, ...flows), [...numbers, ...numbers]);
    assert.deepEqual(find(...flows.toReversed()), numbers.toReversed());
    assert.equal(table.size, flows.length);
    for (const one of flows) assert.deepEqual(find(one), [flows.indexOf(one)]);
  });
}

Deno.test("FlowTable has the same number for a flow until its numbering changes", () => {
  const { table, find } = knownTable(4);
  const flows = [1, 2, 3, 4, 5].map((last) => ({ source: [last], destination: [9] }));
  assert.deepEqual(find(...flows), [0, 1, 2, 3, NO_ROOM]);
  const { numbering } = table;
  assert.deepEqual(find(...flows.slice(1)), [1, 2, 3, NO_ROOM]);
  assert.equal(table.numbering, numbering);
  assert.deepEqual([...table.compact(Uint8Array.of(0, 1, 0, 1))], [NO_ROOM, 0, NO_ROOM, 1]);
  assert.notEqual(table.numbering, numbering);
  assert.deepEqual(find(...flows), [2, 0, 3, 1, NO_ROOM]);
  const before = table.numbering;
  table.clear();
  assert.notEqual(table.numbering, before);
  assert.deepEqual(find(flows[4]!), [0]);
});

Deno.test("FlowTable knows flows with the same hash also when others were forgotten", () => {
  const { table, find } = knownTable();
  const others = [1, 2, 3].map((last) => {
    return withHashOf(V6, { source: [1, 2, 3, last + 10], destination: [5, 6, 7, 0] });
  });
  const flows = [{ source: [77], destination: [78] }, V6, ...others];
  find(...flows);
  assert.deepEqual([...table.compact(Uint8Array.of(0, 1, 0, 1, 1))], [NO_ROOM, 0, NO_ROOM, 1, 2]);
  assert.deepEqual(find(...flows), [3, 0, 4, 1, 2]);
  assert.deepEqual([...table.compact(new Uint8Array(5).fill(1))], [0, 1, 2, 3, 4]);
  assert.deepEqual(find(...flows), [3, 0, 4, 1, 2]);
});

/** A flow of a packet, with everything that tells it from others. */
interface Packet {
  readonly attachment?: number;
  readonly protocol?: number;
  readonly ports?: readonly [number, number];
  readonly ethertype?: number;
  /** None = not IP. */
  readonly flow?: Flow;
}

/** How often keys of flows are looked at, to find each of these flows twice. */
function looks(
  secret: Uint32Array,
  packets: readonly Packet[],
): { found: number[]; looks: number } {
  const table = new FlowTable(256, secret);
  const batch = createBatch(new ArrayBuffer(BATCH_BYTES));
  packets.forEach(({ attachment = 0, protocol = 17, ports, ethertype = 0, flow }, row) => {
    batch.attachment[row] = attachment;
    batch.present[row] = (flow ? PRESENT.IP : 0) | (ports ? PRESENT.PORTS : 0);
    batch.flags[row] = flow && flow.source.length > 1 ? EVENT_FLAG.IPV6 : 0;
    batch.ipProtocol[row] = protocol;
    batch.ethertype[row] = ethertype;
    [batch.sourcePort[row], batch.destinationPort[row]] = ports ?? [0, 0];
    batch.sourceAddress.set(flow?.source ?? [], 4 * row);
    batch.destinationAddress.set(flow?.destination ?? [], 4 * row);
  });
  let count = 0;
  const get = (keys: Uint32Array, index: string | symbol) => {
    count++;
    const value = Reflect.get(keys, index, keys);
    return typeof value === "function" ? value.bind(keys) : value;
  };
  Object.defineProperty(table, "keys", { value: new Proxy(table.keys, { get }) });
  const numbers = new Int32Array(packets.length);
  const rows = Uint16Array.from(packets.keys());
  for (let time = 0; time < 2; time++) table.find(batch, rows, packets.length, numbers);
  return { found: [...numbers], looks: count };
}

Deno.test("FlowTable finds flows at once, whatever tells them apart", () => {
  const with6 = (field: "source" | "destination", word: number) => (value: number): Packet => {
    const flow = { ...V6, [field]: V6[field].with(word, value) };
    return { flow, ports: [1, 2] };
  };
  const kinds: Record<string, (value: number) => Packet> = {
    attachment: (attachment) => ({ attachment, flow: V4 }),
    protocol: (protocol) => ({ protocol, flow: V4 }),
    "source port": (port) => ({ ports: [port, 2], flow: V4 }),
    "destination port": (port) => ({ ports: [1, port], flow: V4 }),
    ethertype: (ethertype) => ({ ethertype }),
    "IPv4 source": (word) => ({ flow: { ...V4, source: [word] } }),
    "IPv4 destination": (word) => ({ flow: { ...V4, destination: [word] } }),
  };
  for (let word = 0; word < 4; word++) {
    kinds[`IPv6 source ${word}`] = with6("source", word);
    kinds[`IPv6 destination ${word}`] = with6("destination", word);
  }
  for (const [name, packet] of Object.entries(kinds)) {
    const packets = Array.from({ length: 100 }, (_, value) => packet(value));
    const { found, looks: count } = looks(new Uint32Array(KEY_WORDS), packets);
    assert.deepEqual(found, [...packets.keys()], name);
    // 10 words tell that it is the flow; no more than that each time, and some when it is new.
    assert.ok(count <= 100 * 2 * 15, `${name}: ${count}`);
  }
});

Deno.test("FlowTable has hashes that nobody can foretell who does not know all of its secret", () => {
  const others = Array.from({ length: 100 }, (_, value) => {
    return withHashOf(V6, { ...V6, source: V6.source.with(value % 4, 1000 + value) });
  });
  const packets = [V6, ...others].map((flow) => ({ flow, protocol: 47 }));
  const none = new Uint32Array(KEY_WORDS);
  const met = looks(none, packets).looks;
  assert.ok(met > 100 * 100, `${met}: they do not meet`);
  // What is last in the hash, the seventh word, changes all of them alike.
  for (const word of none.keys().filter((word) => word !== 7)) {
    const { looks: count } = looks(none.with(word, 0x1234_5678), packets);
    assert.ok(count <= 101 * 2 * 15, `${word}: ${count}`);
  }
});
