/** What a session asks of the kernel when it has several hooks: no privilege, no kernel. */
import assert from "node:assert/strict";
import { libbpf } from "../../../ffi/bpf/load_libbpf.ts";
import { libc } from "../../../ffi/linux/load_libc.ts";
import type { AttachPoint } from "../../../src/attach/attach_points.ts";
import { CaptureSession, type CaptureSettings } from "../../../src/sources/capture_session.ts";
import { CONFIG_OFFSET } from "../../../src/contract/record_layout.ts";
import { StandInKernel } from "../../support/stand_in_kernel.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();
libbpf();

const ELF = new Uint8Array(8);

/** No interface of this machine. */
const IFINDEX = 2_000_000_000;

function points(count: number): AttachPoint[] {
  return Array.from({ length: count }, (_, attachment) => ({
    interface: `veth${attachment >> 1}`,
    ifindex: IFINDEX + (attachment >> 1),
    direction: attachment % 2 === 0 ? "ingress" : "egress",
  }));
}

/** Interfaces that are not there. */
const absent = new Set<number>();

/** Tells nothing, and knows all interfaces but those that are absent. */
const MONITOR = {
  takeChanges: () => [],
  link(index: number) {
    const link = { index, name: "veth0", up: true, running: true, mtu: 1500 };
    return absent.has(index) ? null : link;
  },
  [Symbol.dispose]: () => {},
};

function load(count: number, more: Partial<CaptureSettings> = {}): CaptureSession {
  return CaptureSession.load(ELF, {
    points: points(count),
    mode: "tc",
    ringBytes: 2 ** 20,
    captureLimit: 0,
    sampleRate: 1,
    senderStatistics: false,
    ...more,
  }, () => MONITOR);
}

function configs(kernel: StandInKernel): DataView[] {
  return kernel.objects.map(({ config }) => new DataView(config.buffer, config.byteOffset));
}

Deno.test("CaptureSession.load() lets every hook use all maps of the first but the counters", () => {
  using kernel = new StandInKernel();
  using session = load(3);
  const [first, ...others] = kernel.objects;
  assert.deepEqual(first!.shared, {});
  const { slotsFd, positionsFd, doorbellFd } = session.ring;
  assert.equal(others.length, 2);
  for (const other of others) {
    assert.deepEqual(other.shared, {
      ring: slotsFd,
      ring_positions: positionsFd,
      doorbell: doorbellFd,
      senders: first!.fds.senders,
      captured_total: first!.fds.captured_total,
      writer_behind: session.writerBehindFd,
    });
  }
  // Each a map of its own.
  assert.equal(new Set(Object.values(others[0]!.shared)).size, 6);
});

Deno.test("CaptureSession.load() lets each hook hold back fewer wake-ups the more there are", () => {
  for (const [hooks, interval] of [[1, 256], [2, 128], [4, 64]] as const) {
    using kernel = new StandInKernel();
    using _session = load(hooks); // one ring of 8,176 records for 4 CPUs
    const found = configs(kernel).map((view) =>
      view.getUint32(CONFIG_OFFSET.wakeup_interval, true)
    );
    assert.deepEqual(found, new Array(hooks).fill(interval));
  }
});

Deno.test("CaptureSession.load() writes the settings in the byte order of the machine", () => {
  using kernel = new StandInKernel();
  using session = load(2, {
    ringBytes: 2 ** 26,
    captureLimit: 0x1_0000_0002,
    sampleRate: 3,
    senderStatistics: true,
  });
  const { rings, slots } = session.ring;
  assert.deepEqual([rings, slots], [4, 131_072]);
  configs(kernel).forEach((view, attachment) => {
    assert.deepEqual({
      capture_limit: view.getBigUint64(CONFIG_OFFSET.capture_limit, true),
      wakeup_interval: view.getUint32(CONFIG_OFFSET.wakeup_interval, true),
      ring_slots: view.getUint32(CONFIG_OFFSET.ring_slots, true),
      ring_limit: view.getUint32(CONFIG_OFFSET.ring_limit, true),
      sample_rate: view.getUint32(CONFIG_OFFSET.sample_rate, true),
      rings: view.getUint16(CONFIG_OFFSET.rings, true),
      attachment: view.getUint8(CONFIG_OFFSET.attachment),
      sender_statistics: view.getUint8(CONFIG_OFFSET.sender_statistics),
    }, {
      capture_limit: 0x1_0000_0002n,
      wakeup_interval: 4096,
      ring_slots: slots,
      ring_limit: slots - 16,
      sample_rate: 3,
      rings,
      attachment,
      sender_statistics: 1,
    });
  });
});

Deno.test("CaptureSession.load() tells each program whether its packets have an Ethernet header", () => {
  using kernel = new StandInKernel();
  const [one, other] = points(2);
  using _session = load(2, { points: [one!, { ...other!, bare: true }] });
  assert.deepEqual(configs(kernel).map((view) => view.getUint8(CONFIG_OFFSET.bare)), [0, 1]);
});

Deno.test("CaptureSession.load() refuses XDP for packets without an Ethernet header that come in", () => {
  using kernel = new StandInKernel();
  const [ingress, egress] = points(2).map((point) => ({ ...point, bare: true }));
  for (const mode of ["native", "generic"] as const) {
    assert.throws(() => load(1, { points: [ingress!], mode }), {
      name: "RunError",
      message:
        `Cannot attach to "veth0" in ${mode} mode: XDP is not for packets without an Ethernet header`,
    });
    load(1, { points: [egress!], mode })[Symbol.dispose]();
  }
  assert.deepEqual(
    kernel.objects.map(({ program }) => program),
    new Array(2).fill("inspect_tc_egress"),
  );
});

Deno.test("CaptureSession.load() makes room for all rings, and for senders when they are counted", () => {
  for (const [senderStatistics, senders] of [[true, 65_536], [false, 1]] as const) {
    using kernel = new StandInKernel();
    using _session = load(1, { ringBytes: 2 ** 26, senderStatistics });
    assert.deepEqual(kernel.objects.map(({ maxEntries }) => maxEntries), [
      { ring: 4 * 131_072, ring_positions: 4, senders },
    ]);
  }
});

Deno.test("CaptureSession.detach() waits for running programs once all are off their hooks", () => {
  using kernel = new StandInKernel();
  using session = load(2);
  session.attach();
  kernel.log.length = 0;
  session.detach();
  assert.deepEqual(kernel.log, ["detach tcx", "detach tcx", "wait for programs"]);
  session.detach();
  assert.equal(kernel.log.length, 3);
});

Deno.test("CaptureSession.notice() waits for the programs of the hooks that are gone", () => {
  using kernel = new StandInKernel();
  using session = load(2);
  session.attach();
  kernel.log.length = 0;
  assert.deepEqual(session.notice(), { changes: [], lost: [] });
  assert.deepEqual(kernel.log, []);
  // The interface is in another network namespace now, where its programs would go on.
  absent.add(IFINDEX);
  using _ = { [Symbol.dispose]: () => absent.clear() };
  const attachments = [{ attachment: 0, direction: "ingress" }, {
    attachment: 1,
    direction: "egress",
  }];
  assert.deepEqual(session.notice(), {
    changes: [],
    lost: [{ interface: "veth0", cause: "moved", attachments }],
  });
  assert.deepEqual(kernel.log, ["detach tcx", "detach tcx", "wait for programs"]);
  assert.equal(session.hasLostAll, true);
});

Deno.test("CaptureSession waits for what is not there, with the programs of every hook it may take", () => {
  using kernel = new StandInKernel();
  // Its name is that of the only interface which is everywhere.
  const waiting = { interface: "lo", ifindex: 0, direction: "ingress" } as const;
  using session = load(0, { points: [...points(1), waiting], mode: "auto", waits: true });
  const programs = kernel.objects.map(({ program }) => program).sort();
  // At TC one for packets with an Ethernet header, one for those without.
  assert.deepEqual(programs, [
    ...Array(4).fill("inspect_tc_ingress"),
    ...Array(2).fill("inspect_xdp"),
  ]);
  const bare = configs(kernel).map((view) => view.getUint8(CONFIG_OFFSET.bare));
  assert.deepEqual(bare.toSorted(), [0, 0, 0, 0, 1, 1]);
  const attached = session.attach();
  assert.deepEqual(attached.map(({ hook }) => hook !== null), [true, false]);
  assert.equal(session.isWaiting, true);
  const loaded = kernel.objects.length;
  assert.deepEqual(session.attachWaiting().map(({ kind }) => kind), ["arrival"]);
  assert.equal(session.isWaiting, false);
  assert.equal(session.attached.every(({ hook }) => hook !== null), true);
  // By then nothing can be loaded.
  assert.equal(kernel.objects.length, loaded);
  assert.deepEqual(session.attachWaiting(), []);
});

Deno.test("CaptureSession attaches again to an interface that was lost, only if it waits", () => {
  for (const waits of [false, true]) {
    using kernel = new StandInKernel();
    const point = { interface: "lo", ifindex: IFINDEX, direction: "ingress" } as const;
    using session = load(0, { points: [point], waits });
    session.attach();
    absent.add(IFINDEX);
    using _ = { [Symbol.dispose]: () => absent.clear() };
    assert.equal(session.notice().lost.length, 1);
    assert.deepEqual([session.hasLostAll, session.isWaiting], [!waits, waits]);
    kernel.log.length = 0;
    const [arrival] = session.attachWaiting();
    assert.equal(arrival?.kind, waits ? "arrival" : undefined);
    assert.deepEqual(kernel.log, waits ? ["attach tcx"] : []);
    // It is another one now: what it was is forgotten.
    assert.deepEqual(session.notice(), { changes: [], lost: [] });
  }
});

Deno.test("CaptureSession does not attach again what somebody has detached", () => {
  using kernel = new StandInKernel();
  const point = { interface: "lo", ifindex: IFINDEX, direction: "ingress" } as const;
  using session = load(0, { points: [point], waits: true });
  session.attach();
  kernel.loseLinks();
  assert.deepEqual(session.notice().lost.map(({ cause }) => cause), ["program"]);
  assert.deepEqual([session.isWaiting, session.hasLostAll], [false, true]);
  assert.deepEqual(session.attachWaiting(), []);
});
