/**
 * The owners of ffi/ that need the kernel: loading, test runs, counters, sender statistics.
 *
 * @module
 */
import assert, { ok } from "node:assert/strict";
import {
  BpfObject,
  type LoadOptions,
  readCounters,
  type RingMaps,
  RingMemory,
  takeSenders,
  testRunTc,
  testRunXdp,
  writeArrayEntry,
} from "../../ffi/mod.ts";
import { synchronizeByMapUpdate } from "../../ffi/bpf/rcu.ts";
import {
  CONFIG_BYTES,
  CONFIG_OFFSET,
  COUNTER_INDEX,
  COUNTERS_BYTES,
  SLOT_BYTES,
} from "../../src/contract/record_layout.ts";
import { RunError } from "../../src/core/errors.ts";
import { openDescriptors } from "../support/open_descriptors.ts";

const ELF = Deno.readFileSync(new URL("../../bpf/inspector.bpf.o", import.meta.url));
const RING_SLOTS = 1 << 15;
const XDP_PASS = 2;
const TCX_NEXT = -1;

function config(senderStatistics: 0 | 1 = 0): Uint8Array {
  const bytes = new Uint8Array(CONFIG_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(CONFIG_OFFSET.wakeup_interval, 1, true);
  view.setUint32(CONFIG_OFFSET.ring_slots, RING_SLOTS, true);
  view.setUint32(CONFIG_OFFSET.ring_limit, RING_SLOTS - 1, true);
  bytes[CONFIG_OFFSET.sender_statistics] = senderStatistics;
  return bytes;
}

function load(options: Partial<LoadOptions> = {}): BpfObject {
  return BpfObject.load(ELF, {
    program: "inspect_xdp",
    config: config(),
    maxEntries: { ring: RING_SLOTS },
    ...options,
  });
}

function mapsOf(object: BpfObject): RingMaps {
  return {
    slotsFd: object.mapFd("ring"),
    positionsFd: object.mapFd("ring_positions"),
    doorbellFd: object.mapFd("doorbell"),
    rings: 1,
    slots: RING_SLOTS,
  };
}

// Opened here, because an open library counts as a leak of the test that opens it.
load()[Symbol.dispose]();

/** An IPv4 frame from 10.0.x.y without anything behind the IP header, padded to 60 bytes. */
function frameFrom(source: number): Uint8Array {
  const frame = new Uint8Array(60);
  frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00, 0x45, 0, 0, 20]);
  frame.set([64, 253], 22);
  frame.set([10, 0, source >> 8, source & 0xff, 10, 9, 9, 9], 26);
  return frame;
}

Deno.test("BpfObject.load() loads the chosen program only", () => {
  using object = load();
  const name = (id: number) =>
    new TextDecoder().decode(
      new Deno.Command("bpftool", { args: ["-j", "prog", "show", "id", `${id}`] }).outputSync()
        .stdout,
    );
  const program = JSON.parse(name(object.programId));
  assert.equal(program.name, "inspect_xdp");
  assert.equal(program.type, "xdp");
});

Deno.test("BpfObject may be closed twice and throws when it is used after that", () => {
  const object = load();
  object[Symbol.dispose]();
  object[Symbol.dispose]();
  const closed = { name: "TypeError", message: "Cannot use BpfObject: it is closed" };
  assert.throws(() => object.programFd, closed);
  assert.throws(() => object.programId, closed);
  assert.throws(() => object.mapFd("ring"), closed);
});

Deno.test("BpfObject.load() shares a map of another object", () => {
  using first = load();
  using second = load({
    program: "inspect_tc_egress",
    shareMaps: {
      ring: first.mapFd("ring"),
      ring_positions: first.mapFd("ring_positions"),
      doorbell: first.mapFd("doorbell"),
    },
    maxEntries: {},
  });
  assert.notEqual(second.mapFd("ring"), first.mapFd("ring"));
  using ring = RingMemory.map(mapsOf(first));
  testRunXdp(first.programFd, frameFrom(1));
  testRunTc(second.programFd, frameFrom(1));
  assert.equal(ring.producerPosition(0), 2);
  ring.commitConsumer(0, ring.producerPosition(0));
  assert.equal(ring.consumerPosition(0), 2);
});

Deno.test("BpfObject.keepOnly() gives everything back but the program and the maps that are named", () => {
  const held = () => openDescriptors(/^anon_inode:(bpf-|btf)/).length;
  const before = held();
  const object = load();
  ok(held() > before + 3);
  object.keepOnly(["counters"]);
  assert.equal(held(), before + 2);
  testRunXdp(object.programFd, frameFrom(1), 1);
  const counters = readCounters(object.mapFd("counters"), COUNTERS_BYTES);
  assert.equal(counters[COUNTER_INDEX.seen], 1n);
  assert.throws(() => object.mapFd("ring"), RunError);
  object.releaseProgram();
  object.releaseProgram();
  assert.equal(held(), before + 1);
  assert.throws(() => object.programFd, TypeError);
  object[Symbol.dispose]();
  object[Symbol.dispose]();
  assert.equal(held(), before);
  assert.throws(() => object.mapFd("counters"), TypeError);
});

Deno.test("BpfObject.keepOnly() changes nothing when a map is not in the object", () => {
  using object = load();
  assert.throws(() => object.keepOnly(["counters", "no_such_map"]), RunError);
  assert(object.mapFd("ring") >= 0);
  assert(object.programFd >= 0);
});

Deno.test("BpfObject.load() names the limit of open files, not a kernel feature, where it is short", () => {
  const script = `
    import { BpfObject } from ${JSON.stringify(new URL("../../ffi/mod.ts", import.meta.url).href)};
    const elf = Deno.readFileSync(new URL(${
    JSON.stringify(new URL("../../bpf/inspector.bpf.o", import.meta.url).href)
  }));
    const config = new Uint8Array(${CONFIG_BYTES});
    const load = () =>
      BpfObject.load(elf, { program: "inspect_xdp", config, maxEntries: { ring: 4096 } });
    load()[Symbol.dispose]();
    const files = [];
    try {
      for (;;) files.push(Deno.openSync("/dev/null"));
    } catch { /* none is left */ }
    const messages = [];
    for (let free = 0; free < 12; free++) {
      try {
        load()[Symbol.dispose]();
        break;
      } catch (error) {
        messages.push(error.message);
      }
      files.pop().close();
    }
    console.log(JSON.stringify(messages));
  `;
  const { code, stdout, stderr } = new Deno.Command("sh", {
    args: [
      ...["-c", 'ulimit -n 64 && exec "$@"', "sh"],
      ...[Deno.execPath(), "run", "-A", "--no-lock"],
      `data:application/javascript,${encodeURIComponent(script)}`,
    ],
  }).outputSync();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const messages: string[] = JSON.parse(new TextDecoder().decode(stdout));
  ok(messages.length > 3, messages.join("\n"));
  for (const message of messages) assert.match(message, /too many open files/);
});

Deno.test("BpfObject.load() refuses a configuration of another size than the constants", () => {
  assert.throws(() => load({ config: new Uint8Array(8) }), {
    name: "RunError",
    message: `Cannot configure the BPF program: its constants have ${CONFIG_BYTES} bytes, the ` +
      "configuration has 8",
  });
});

Deno.test("BpfObject.load() names a program or map that is not in the object", () => {
  assert.throws(() => load({ program: "inspect_nothing" }), {
    name: "RunError",
    message: 'Cannot find the BPF program "inspect_nothing" in the BPF object',
  });
  assert.throws(() => load({ maxEntries: { nothing: 1 } }), {
    name: "RunError",
    message: 'Cannot find the BPF map "nothing" in the BPF object',
  });
});

Deno.test("BpfObject.load() refuses what is not an object file", () => {
  assert.throws(() => BpfObject.load(new Uint8Array(100), { program: "x", config: config() }), {
    name: "RunError",
    message: "Cannot read the BPF object of 100 bytes: BPF object format invalid",
  });
});

/** What a process that lacks `capabilities` says when it loads a program. */
function loadWithout(...capabilities: readonly string[]): unknown {
  const text = `
    import { BpfObject } from ${JSON.stringify(new URL("../../ffi/mod.ts", import.meta.url).href)};
    const elf = new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
    try {
      BpfObject.load(elf, { program: "inspect_xdp", config: new Uint8Array(${CONFIG_BYTES}) });
    } catch ({ name, message, hint, exitCode }) {
      console.log(JSON.stringify({ name, message, hint, exitCode }));
    }
  `;
  const path = Deno.makeTempFileSync();
  Deno.writeFileSync(path, ELF);
  const drop = capabilities.map((name) => `-${name}`).join();
  const script = `exec setpriv --bounding-set ${drop} --inh-caps ${drop} "$0" run -A --no-lock ` +
    `"$1" <"$2"`;
  const url = "data:application/javascript," + encodeURIComponent(text);
  const { stdout, stderr } = new Deno.Command("sh", {
    args: ["-c", script, Deno.execPath(), url, path],
  }).outputSync();
  Deno.removeSync(path);
  assert.notEqual(stdout.length, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** User id 0 without capabilities: sudo would not help. */
const LACKING_HINT =
  "This root lacks capabilities, as in a container: run it on the host, or start " +
  "the container with --cap-add for BPF, PERFMON and NET_ADMIN";

Deno.test("BpfObject.load() asks for privileges when the kernel refuses it", () => {
  assert.deepEqual(loadWithout("bpf", "perfmon", "sys_admin", "net_admin"), {
    name: "UnsupportedError",
    message: 'Cannot load the BPF program "inspect_xdp": permission denied (EPERM)',
    hint: LACKING_HINT,
    exitCode: 3,
  });
});

Deno.test("BpfObject.load() asks for privileges when the verifier refuses it for want of one", () => {
  // Without CAP_PERFMON the verifier takes no packet pointer arithmetic, and says so in its log only.
  const error = loadWithout("perfmon", "sys_admin") as Record<string, unknown>;
  assert.match(
    String(error.message),
    /^Cannot load the BPF program "inspect_xdp": permission denied \(/,
  );
  assert.deepEqual([error.name, error.hint, error.exitCode], ["UnsupportedError", LACKING_HINT, 3]);
});

Deno.test("testRunXdp() and testRunTc() give the verdict and the frame", () => {
  using xdp = load();
  using tc = load({ program: "inspect_tc_ingress" });
  const frame = frameFrom(0x1234);
  const fromXdp = testRunXdp(xdp.programFd, frame, 3);
  assert.equal(fromXdp.verdict, XDP_PASS);
  assert.deepEqual(fromXdp.data, frame);
  const fromTc = testRunTc(tc.programFd, frame);
  assert.equal(fromTc.verdict, TCX_NEXT);
  assert.deepEqual(fromTc.data, frame);
});

Deno.test("testRunXdp() runs a frame that spans several buffers", () => {
  using object = load();
  const frame = new Uint8Array(9000).fill(0x5a);
  assert.deepEqual(testRunXdp(object.programFd, frame).data, frame);
});

Deno.test("testRunXdp() throws for a frame shorter than an Ethernet header", () => {
  using object = load();
  assert.throws(() => testRunXdp(object.programFd, new Uint8Array(13)), {
    name: "SystemError",
    code: "EINVAL",
  });
});

Deno.test("readCounters() sums the counters of all CPUs", () => {
  using object = load();
  testRunXdp(object.programFd, frameFrom(1), 100);
  const counters = readCounters(object.mapFd("counters"), COUNTERS_BYTES);
  assert.equal(counters.length, COUNTERS_BYTES / 8);
  assert.equal(counters[COUNTER_INDEX.seen], 100n);
  assert.equal(counters[COUNTER_INDEX.captured], 100n);
  assert.equal(counters[COUNTER_INDEX.captured_bytes], 6000n);
  assert.equal(counters[COUNTER_INDEX.ring_full], 0n);
});

Deno.test("takeSenders() gives the senders with the most bytes, most first", () => {
  using object = load({ config: config(1) });
  for (const [source, packets] of [[1, 2], [2, 5], [3, 1], [4, 4]] as const) {
    testRunXdp(object.programFd, frameFrom(source), packets);
  }
  const top = takeSenders(object.mapFd("senders"), 3);
  assert.deepEqual(
    top.map(({ key, packets, bytes }) => [[...key.subarray(12)].join("."), packets, bytes]),
    [["10.0.0.2", 5, 300], ["10.0.0.4", 4, 240], ["10.0.0.1", 2, 120]],
  );
  testRunXdp(object.programFd, frameFrom(1));
  assert.deepEqual(takeSenders(object.mapFd("senders"), 0), []);
});

Deno.test("takeSenders() takes more entries than fit one batch, each once", () => {
  // Room for every record: what is lost is not counted for its sender either.
  using object = load({ config: config(1) });
  const count = 20_000;
  for (let source = 0; source < count; source++) testRunXdp(object.programFd, frameFrom(source));
  const all = takeSenders(object.mapFd("senders"), count + 1);
  assert.equal(all.length, count);
  assert.equal(new Set(all.map(({ key }) => key.join())).size, count);
  assert.equal(all.reduce((sum, { packets }) => sum + packets, 0), count);
});

Deno.test("takeSenders() refuses a map of another shape", () => {
  using object = load();
  assert.throws(() => takeSenders(object.mapFd("counters"), 1), { name: "TypeError" });
});

Deno.test("readCounters() and writeArrayEntry() refuse a map with values of another size", () => {
  using object = load();
  assert.throws(() => readCounters(object.mapFd("counters"), 8), { name: "TypeError" });
  assert.throws(() => writeArrayEntry(object.mapFd("captured_total"), 1), { name: "TypeError" });
});

Deno.test("RingMemory.map() refuses maps that cannot be mapped, or not in that size", () => {
  using object = load();
  const maps = mapsOf(object);
  const counters = object.mapFd("counters");
  for (
    const wrong of [{ slotsFd: counters }, { positionsFd: counters }, { doorbellFd: counters }]
  ) {
    assert.throws(() => RingMemory.map({ ...maps, ...wrong }), { name: "SystemError" });
  }
  assert.throws(() => RingMemory.map({ ...maps, slots: 2 * RING_SLOTS }), { name: "SystemError" });
});

Deno.test("RingMemory.data shows what the program writes", () => {
  using object = load();
  using ring = RingMemory.map(mapsOf(object));
  const words = new Uint32Array(ring.data);
  testRunXdp(object.programFd, frameFrom(1), 2);
  const ready = [0, 1, 2].map((slot) => words[slot * SLOT_BYTES / 4]);
  assert.deepEqual(ready, [1, 2, 0]);
});

Deno.test("synchronizeByMapUpdate() works where membarrier does not", () => {
  const open = () => openDescriptors(/^anon_inode:bpf-map$/).length;
  const before = open();
  for (let call = 0; call < 3; call++) synchronizeByMapUpdate();
  assert.equal(open(), before);
});
