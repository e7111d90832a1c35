/** The tables of a live view, against plain counting. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { BATCH_ROWS } from "../../../src/batch/column_batch.ts";
import { writeFilter } from "../../../src/sinks/live/filter_cell.ts";
import { fill, flowsOf, keyOf, type Packet, START, table } from "./live_packets.ts";

const anyPacket: fc.Arbitrary<Packet> = fc.record({
  atMs: fc.integer({ min: 0, max: 5999 }),
  attachment: fc.constantFrom(0, 1),
  source: fc.integer({ min: 1, max: 6 }),
  destination: fc.integer({ min: 0xffff_fff0, max: 0xffff_ffff }),
  length: fc.integer({ min: 14, max: 70_000 }),
  kind: fc.constantFrom("udp4", "udp6", "icmp", "arp"),
  ports: fc.tuple(fc.constantFrom(53, 65_535), fc.constantFrom(443, 65_000)),
}).map(({ kind, ports, ...packet }) => {
  if (kind === "arp") return { ...packet, ethertype: 0x0806 };
  if (kind === "icmp") return { ...packet, protocol: 1 };
  return { ...packet, v6: kind === "udp6", protocol: 17, ports };
});

Deno.test("LiveTable counts every packet in its flow and its second, as plain counting does", () => {
  fc.assert(
    fc.property(
      fc.array(anyPacket, { maxLength: 300 }),
      fc.integer({ min: 1, max: 50 }),
      (some, step) => {
        const packets = some.toSorted((a, b) => a.atMs - b.atMs);
        const { sink, seconds } = table();
        for (let first = 0; first < packets.length; first += step) {
          const part = packets.slice(first, first + step);
          sink.append(fill(part), part.length);
        }
        assert.equal(sink.finish(), packets.length);
        const wanted = new Map<number, Map<string, number[]>>();
        const totals = new Map<number, number[]>();
        for (const packet of packets) {
          const second = START + Math.floor(packet.atMs / 1000);
          const flows = wanted.get(second) ?? new Map<string, number[]>();
          const counts = flows.get(keyOf(packet)) ?? [0, 0, 0, 0];
          counts[0]! += 1;
          counts[1]! += packet.length;
          wanted.set(second, flows.set(keyOf(packet), counts));
          const total = totals.get(second) ?? [0, 0, 0, 0];
          total[2 * packet.attachment]! += 1;
          total[2 * packet.attachment + 1]! += packet.length;
          totals.set(second, total);
        }
        for (const one of seconds) {
          assert.deepEqual(flowsOf(one), wanted.get(one.second) ?? new Map());
          assert.deepEqual([...one.totals], totals.get(one.second) ?? [0, 0, 0, 0]);
          assert.deepEqual(one.others, [0, 0]);
          wanted.delete(one.second);
        }
        assert.equal(wanted.size, 0, "a second was not handed on");
      },
    ),
  );
});

Deno.test("LiveTable counts every row of a full batch, of which a filter selects some", () => {
  const { sink, seconds, cell } = table();
  writeFilter(cell, "in");
  const packets = Array.from({ length: BATCH_ROWS }, (_, index): Packet => ({
    atMs: index < BATCH_ROWS - 7 ? 500 : 1500,
    attachment: index % 3 === 0 ? 1 : 0,
    source: 1 + index % 100,
    destination: 1,
    protocol: 17,
    length: 100,
  }));
  sink.append(fill(packets), packets.length);
  sink.finish();
  for (const [index, atMs] of [500, 1500].entries()) {
    const wanted = new Map<string, number[]>();
    for (const packet of packets) {
      if (packet.atMs !== atMs || packet.attachment !== 0) continue;
      const [count = 0, bytes = 0] = wanted.get(keyOf(packet)) ?? [];
      wanted.set(keyOf(packet), [count + 1, bytes + 100, 0, 0]);
    }
    assert.deepEqual(flowsOf(seconds[index]!), wanted);
  }
});

Deno.test("LiveTable counts what it has no room for in others, and makes room for the next second", () => {
  const { sink, seconds } = table(8);
  const flow = (source: number, atMs: number): Packet => {
    return { atMs, attachment: 0, source, destination: 1, length: 100, protocol: 17 };
  };
  for (const start of [0, 1000, 2000]) {
    const packets = Array.from({ length: 20 }, (_, index) => flow(start + index, start + index));
    sink.append(fill(packets), packets.length);
  }
  sink.finish();
  const [first, second, third] = seconds;
  for (const one of [first!, third!]) {
    const counted = [...flowsOf(one).values()].reduce((sum, [packets]) => sum + packets!, 0);
    assert.equal(counted + one.others[0], 20);
    assert.equal(one.others[1], one.others[0] * 100);
    assert.deepEqual([...one.totals], [20, 2000, 0, 0]);
  }
  assert.equal(first!.others[0], 12);
  // Both seconds are open at a time: there is room again once the first is handed on.
  assert.deepEqual(second!.others, [20, 2000]);
  assert.equal(third!.others[0], 12);
});

Deno.test("LiveTable keeps what it knows of a flow when it forgets others", () => {
  const { sink, seconds } = table(8);
  const tcp = (atMs: number, source: number, sequence: number, payload: number): Packet => ({
    atMs,
    attachment: 0,
    source,
    destination: 9,
    protocol: 6,
    ports: [40_000, 80],
    length: 60,
    tcp: { flags: 0x10, sequence, payload },
  });
  const packets = [
    ...[1, 2, 3, 4, 5, 6, 7].map((source) => tcp(100, source, 1000, 100)),
    tcp(1100, 7, 1100, 100),
    // What makes the first second complete; 7 of 8 are in use, so all are forgotten but two.
    tcp(2100, 7, 1100, 100),
    tcp(2200, 8, 5, 5),
  ];
  sink.append(fill(packets), packets.length);
  sink.finish();
  const again = seconds.map((one) => [...flowsOf(one).values()].map((counts) => counts[2]));
  assert.deepEqual(again, [[0, 0, 0, 0, 0, 0, 0], [0], [1, 0]]);
});

Deno.test("LiveTable tells segments that are sent again, refusals, clients and servers", () => {
  const tcp = (
    atMs: number,
    fromClient: boolean,
    flags: number,
    sequence: number,
    payload = 0,
  ): Packet => ({
    atMs,
    attachment: 0,
    source: fromClient ? 1 : 2,
    destination: fromClient ? 2 : 1,
    protocol: 6,
    // Both say nothing about who is the client.
    ports: fromClient ? [80, 40_000] : [40_000, 80],
    length: 60,
    tcp: { flags, sequence, payload },
  });
  const { sink, seconds } = table();
  const packets = [
    tcp(0, true, 0x02, 0xffff_ff00),
    tcp(1, false, 0x12, 500),
    tcp(2, true, 0x18, 0xffff_ff01, 0x100), // across 2^32
    tcp(10, true, 0x18, 0xffff_ff01, 0x100), // again
    tcp(11, true, 0x18, 1, 100),
    tcp(12, true, 0x18, 1, 100), // so soon it is out of order
    tcp(100, true, 0x10, 100, 1), // keep-alive
    tcp(200, true, 0x10, 101), // nothing in it
    tcp(300, true, 0x02, 9_000), // another connection
    tcp(1300, true, 0x02, 9_000), // again
    tcp(1301, false, 0x14, 0), // refused
    tcp(1302, false, 0x14, 77), // aborted
  ];
  sink.append(fill(packets), packets.length);
  sink.finish();
  const client = keyOf(packets[0]!);
  const server = keyOf(packets[1]!);
  assert.deepEqual(flowsOf(seconds[0]!).get(client)!.slice(2), [1, 0]);
  assert.deepEqual(flowsOf(seconds[0]!).get(server)!.slice(2), [0, 0]);
  assert.deepEqual(flowsOf(seconds[1]!).get(client)!.slice(2), [1, 0]);
  assert.deepEqual(flowsOf(seconds[1]!).get(server)!.slice(2), [0, 1]);
  assert.deepEqual([...seconds[0]!.roles], [1, 2]);
});

Deno.test("LiveTable counts what a filter selects from its next batch on", () => {
  const { sink, seconds, cell } = table();
  const packets: Packet[] = [0, 1].map((attachment) => ({
    atMs: 10,
    attachment,
    source: 1,
    destination: 2,
    protocol: 17,
    ports: [53, 9],
    length: 100,
  }));
  sink.append(fill(packets), 2);
  const version = writeFilter(cell, "udp port 53 and out");
  sink.append(fill(packets), 2);
  assert.equal(sink.finish(), 4);
  assert.equal(seconds[0]!.filterVersion, version);
  assert.deepEqual([...seconds[0]!.totals], [0, 0, 1, 100]);
});

Deno.test("LiveTable hands a second on when it is over, without packets too", () => {
  const { sink, seconds, clock } = table();
  assert.equal(sink.tend(), 1700);
  clock.ms += 1699;
  assert.equal(sink.tend(), 1);
  assert.equal(seconds.length, 0);
  clock.ms += 1;
  assert.equal(sink.tend(), 1000);
  clock.ms += 2000;
  sink.tend();
  assert.deepEqual(seconds.map(({ second }) => second - START), [0, 1, 2]);
  // The clock is set back by an hour, and forth by a day.
  clock.ms -= 3_600_000;
  assert.ok(sink.tend() <= 1700);
  clock.ms += 86_400_000;
  assert.ok(sink.tend() <= 1700);
  assert.ok(seconds.length < 10, `${seconds.length} seconds`);
});
