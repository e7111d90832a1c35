/**
 * What ends or thins out a recording in the kernel: a full ring, the capture limit; and who is woken.
 */
import assert from "node:assert/strict";

import {
  Epoll,
  possibleProcessors,
  testRunTc,
  testRunXdp,
  writeArrayEntry,
} from "../../ffi/mod.ts";
import { ringShape } from "../../src/drain/ring_shape.ts";
import { BpfInspector, type InspectorOptions, NEEDS_ROOT } from "../support/bpf_inspector.ts";
import { ipv4 } from "../support/frames/ipv4.ts";
import { ethernet, ETHERTYPE } from "../support/frames/link.ts";
import { onOneCpu } from "../support/one_cpu.ts";
import { PROTOCOL, udp } from "../support/frames/transport.ts";
import { readRecordFields } from "../support/record_fields.ts";

const FRAME = ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.UDP }, udp()));

/** The smallest ring: one page. */
const PAGE_BYTES = 4096;

/** Time in which a wake-up of the same thread arrives; it is sent from an interrupt, at once. */
const WAKEUP_LIMIT_MS = 500;

function bpfTest(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, ignore: NEEDS_ROOT, fn });
}

function run(inspector: BpfInspector, packets: number): void {
  for (let i = 0; i < packets; i++) {
    if (inspector.program === "inspect_xdp") testRunXdp(inspector.programFd, FRAME);
    else testRunTc(inspector.programFd, FRAME);
  }
}

bpfTest("inspect_xdp() counts every packet as captured or ring_full when the ring is full", () => {
  using inspector = new BpfInspector("inspect_xdp", { ringBytes: PAGE_BYTES });

  testRunXdp(inspector.programFd, FRAME, 1000);

  const room = inspector.ringShape.limit;
  const counters = inspector.counters();
  assert.equal(inspector.drain().length, room);
  assert.deepEqual(counters, {
    seen: 1000,
    captured: room,
    captured_bytes: room * FRAME.length,
    sampled_out: 0,
    filtered: 0,
    ring_full: 1000 - room,
    queue_full: 0,
    parse_limit: 0,
  });
});

for (const rings of [2, 4]) {
  bpfTest(
    `inspect_xdp() on one CPU uses the room of all ${rings} rings before it loses a packet`,
    () => {
      const ringShape = { rings, slots: 64, limit: 40 };
      using inspector = new BpfInspector("inspect_xdp", { ringShape });
      testRunXdp(inspector.programFd, FRAME, 1000);
      assert.equal(inspector.drain().length, 40 * rings);
      assert.equal(inspector.counters().captured, 40 * rings);
      assert.equal(inspector.counters().ring_full, 1000 - 40 * rings);
    },
  );
}

bpfTest("inspect_xdp() captures again when a full ring was drained", () => {
  using inspector = new BpfInspector("inspect_xdp", { ringBytes: PAGE_BYTES });
  testRunXdp(inspector.programFd, FRAME, 1000);
  const first = inspector.drain().length;

  testRunXdp(inspector.programFd, FRAME, 10);

  assert.equal(inspector.drain().length, 10);
  assert.equal(inspector.counters().captured, first + 10);
  assert.equal(inspector.counters().seen, 1010);
});

for (const program of ["inspect_xdp", "inspect_tc_ingress", "inspect_tc_egress"] as const) {
  bpfTest(`${program}() records and counts exactly the limit when more packets come`, () => {
    using inspector = new BpfInspector(program, { captureLimit: 5 });

    run(inspector, 20);

    assert.equal(inspector.drain().length, 5);
    const { seen, captured, captured_bytes, ring_full } = inspector.counters();
    assert.deepEqual({ seen, captured, captured_bytes, ring_full }, {
      seen: 5,
      captured: 5,
      captured_bytes: 5 * FRAME.length,
      ring_full: 0,
    });
  });
}

bpfTest("inspect_xdp() records all packets when they are fewer than the limit", () => {
  using inspector = new BpfInspector("inspect_xdp", { captureLimit: 21 });
  run(inspector, 20);
  assert.equal(inspector.drain().length, 20);
  assert.equal(inspector.counters().seen, 20);
});

bpfTest("inspect_xdp() does not count a loss towards the limit when the ring is full", () => {
  const room = ringShape(PAGE_BYTES, possibleProcessors()).limit;
  const captureLimit = room + 8;
  const packets = room + 10;
  using inspector = new BpfInspector("inspect_xdp", { captureLimit, ringBytes: PAGE_BYTES });
  run(inspector, packets);
  assert.equal(inspector.drain().length, room);
  assert.equal(inspector.counters().seen, packets);

  run(inspector, packets);

  assert.equal(inspector.drain().length, 8);
  assert.equal(inspector.counters().captured, captureLimit);
  assert.equal(inspector.counters().ring_full, 10);
});

bpfTest("attachments count towards one limit when they share the maps", () => {
  using first = new BpfInspector("inspect_xdp", { captureLimit: 7, attachment: 1 });
  using second = new BpfInspector("inspect_tc_egress", {
    captureLimit: 7,
    attachment: 2,
    shareWith: first,
  });

  run(first, 4);
  run(second, 4);
  run(first, 4);

  const attachments = first.drain().map((record) => readRecordFields(record).attachment);
  assert.deepEqual(attachments, [1, 1, 1, 1, 2, 2, 2]);
  assert.equal(first.counters().seen, 4);
  assert.equal(second.counters().seen, 3);
});

/**
 * Runs packets until the reader is woken; returns after how many, or null if it never is. All on one
 * CPU: the interval is one of each CPU.
 */
function packetsUntilWoken(options: InspectorOptions, most: number): number | null {
  return onOneCpu(() => runUntilWoken(options, most));
}

function runUntilWoken(options: InspectorOptions, most: number): number | null {
  using inspector = new BpfInspector("inspect_xdp", options);
  using epoll = Epoll.create();
  epoll.add(inspector.mapFd("doorbell"), 7);
  for (let packets = 1; packets <= most; packets++) {
    run(inspector, 1);
    // Where a wake-up is due it gets time to arrive; elsewhere one that is not due would be seen here
    // or, if it is late, by the next look.
    const due = packets === most || packets % (options.wakeupInterval ?? most) === 0 ||
      packets === options.captureLimit;
    if (epoll.wait(due ? WAKEUP_LIMIT_MS : 0).length > 0) return packets;
  }
  return null;
}

bpfTest("inspect_xdp() wakes the reader at every record when the interval is 1", () => {
  assert.equal(packetsUntilWoken({ wakeupInterval: 1 }, 3), 1);
});

bpfTest("inspect_xdp() wakes the reader at the record that completes the interval", () => {
  assert.equal(packetsUntilWoken({ wakeupInterval: 16 }, 40), 16);
});

bpfTest("inspect_xdp() wakes nobody when the interval is not complete", () => {
  assert.equal(packetsUntilWoken({ wakeupInterval: 64 }, 63), null);
});

bpfTest("inspect_xdp() wakes the reader at the record that reaches the limit", () => {
  assert.equal(packetsUntilWoken({ wakeupInterval: 1 << 20, captureLimit: 5 }, 20), 5);
});

bpfTest("inspect_xdp() counts a loss as queue_full while the writer is behind", () => {
  using inspector = new BpfInspector("inspect_xdp", { ringBytes: PAGE_BYTES });
  const room = inspector.ringShape.limit;
  run(inspector, room + 3);
  writeArrayEntry(inspector.mapFd("writer_behind"), 1);
  run(inspector, 5);
  writeArrayEntry(inspector.mapFd("writer_behind"), 0);
  run(inspector, 2);

  const { seen, captured, ring_full, queue_full } = inspector.counters();
  assert.deepEqual({ seen, captured, ring_full, queue_full }, {
    seen: room + 10,
    captured: room,
    ring_full: 5,
    queue_full: 5,
  });
});

for (const program of ["inspect_xdp", "inspect_tc_ingress", "inspect_tc_egress"] as const) {
  bpfTest(`${program}() keeps about one packet in n when sampling, and counts the rest`, () => {
    using inspector = new BpfInspector(program, { sampleRate: 4 });
    run(inspector, 4000);

    const { seen, captured, sampled_out, ring_full } = inspector.counters();
    assert.equal(seen, 4000);
    assert.equal(captured + sampled_out, 4000);
    assert.equal(ring_full, 0);
    assert.equal(inspector.drain().length, captured);
    // Binomial with a standard deviation of 27: ten of them never happen by chance.
    assert.ok(Math.abs(captured - 1000) < 270, `${captured} captured`);
  });
}

bpfTest("inspect_xdp() keeps every packet when the sampling rate is 1", () => {
  using inspector = new BpfInspector("inspect_xdp", { sampleRate: 1 });
  run(inspector, 100);
  assert.equal(inspector.counters().captured, 100);
  assert.equal(inspector.counters().sampled_out, 0);
});
