/**
 * What a record tells beside the packet's own bytes: time, attachment, segments; and that every variant of
 * the programs passes the verifier.
 */
import assert from "node:assert/strict";

import { readClocks, testRunTc, testRunXdp } from "../../ffi/mod.ts";
import { RECORD_BYTES } from "../../src/contract/record_layout.ts";
import { BpfInspector, NEEDS_ROOT } from "../support/bpf_inspector.ts";
import { ipv4 } from "../support/frames/ipv4.ts";
import { ipv6 } from "../support/frames/ipv6.ts";
import { ethernet, ETHERTYPE } from "../support/frames/link.ts";
import { filler } from "../support/frames/octets.ts";
import { PROTOCOL, tcp } from "../support/frames/transport.ts";
import { skbSegmentsContext } from "../support/kernel_frames.ts";
import { readRecordFields, recordTimestamp } from "../support/record_fields.ts";
import { IP_PRESENT, TCP_PRESENT } from "./rows/row.ts";

const { IPV4, IPV6 } = ETHERTYPE;
const PROGRAMS = ["inspect_xdp", "inspect_tc_ingress", "inspect_tc_egress"] as const;
const segment = tcp({}, filler(2896));
const FRAME = ethernet(IPV4, ipv4({ protocol: PROTOCOL.TCP }, segment));

const SETTINGS = [0, 3].flatMap((captureLimit) =>
  [false, true].flatMap((senderStatistics) =>
    [false, true].map((bare) => ({ captureLimit, senderStatistics, bare }))
  )
);

function bpfTest(name: string, fn: () => void): void {
  Deno.test({ name, ignore: NEEDS_ROOT, fn });
}

/** The record of `frame` as a packet of `segments` segments. */
function recordOfSegments(frame: Uint8Array, segments: number) {
  using inspector = new BpfInspector("inspect_tc_egress");
  testRunTc(inspector.programFd, frame, skbSegmentsContext(segments));
  const records = inspector.drain();
  assert.equal(records.length, 1);
  return readRecordFields(records[0]!);
}

bpfTest("every program loads when any of its settings are on or off", () => {
  for (const program of PROGRAMS) {
    for (const settings of SETTINGS) {
      using inspector = new BpfInspector(program, settings);
      if (program === "inspect_xdp") testRunXdp(inspector.programFd, FRAME);
      else testRunTc(inspector.programFd, FRAME);
      assert.deepEqual(inspector.drain().map((record) => record.length), [RECORD_BYTES]);
    }
  }
});

bpfTest("records carry the time of CLOCK_MONOTONIC when they are made", () => {
  using inspector = new BpfInspector("inspect_xdp");
  const before = readClocks().monotonicNs;
  testRunXdp(inspector.programFd, FRAME, 3);
  const after = readClocks().monotonicNs;

  const times = inspector.drain().map(recordTimestamp);

  assert.equal(times.length, 3);
  const inOrder = [before, ...times, after];
  assert.deepEqual([...inOrder].sort((a, b) => (a < b ? -1 : 1)), inOrder);
});

bpfTest("records carry the number of their attachment when it is 0 or 255", () => {
  for (const attachment of [0, 255]) {
    using inspector = new BpfInspector("inspect_xdp", { attachment });
    testRunXdp(inspector.programFd, FRAME);
    assert.deepEqual(inspector.drain().map((record) => readRecordFields(record).attachment), [
      attachment,
    ]);
  }
});

bpfTest(
  "a record is all zeros but for its facts when the ring held another one there before",
  () => {
    using inspector = new BpfInspector("inspect_xdp", { ringBytes: 4096 });
    const { limit } = inspector.ringShape;
    for (let lap = 0; lap < 3; lap++) {
      testRunXdp(inspector.programFd, FRAME, limit);
      inspector.drain();
    }
    const empty = ethernet(0x88b5);
    testRunXdp(inspector.programFd, empty, limit);
    for (const record of inspector.drain()) {
      const facts = readRecordFields(record);
      assert.deepEqual(facts.present.toSorted(), ["ETHERTYPE", "MAC", "PROTOCOL"]);
      // Addresses, then everything from the payload length to the ports, windows and TTL.
      assert.deepEqual(record.subarray(8, 40), new Uint8Array(32));
      assert.deepEqual(record.subarray(56, 68), new Uint8Array(12));
      assert.deepEqual(record.subarray(70, 78), new Uint8Array(8));
      assert.deepEqual(record.subarray(83, 88), new Uint8Array(5));
    }
  },
);

bpfTest("inspect_tc_egress() records the segments when a packet stands for several", () => {
  const record = recordOfSegments(FRAME, 3);
  assert.equal(record.segments, 3);
  assert.equal(record.packet_length, FRAME.length);
  assert.equal(record.payload_length, 2896);
});

bpfTest("inspect_tc_egress() records one segment when the packet says 0 or 1", () => {
  for (const segments of [0, 1]) assert.equal(recordOfSegments(FRAME, segments).segments, 1);
});

bpfTest(
  "inspect_tc_egress() takes the frame's length when segments leave the IPv4 length 0",
  () => {
    const frame = ethernet(IPV4, ipv4({ protocol: PROTOCOL.TCP, totalLength: 0 }, segment));
    const record = recordOfSegments(frame, 2);
    assert.deepEqual(record.present.toSorted(), [...TCP_PRESENT].sort());
    assert.equal(record.payload_length, 2896);
    assert.deepEqual(recordOfSegments(frame, 1).present.toSorted(), [...IP_PRESENT].sort());
  },
);

bpfTest(
  "inspect_tc_egress() takes the frame's length when segments leave the IPv6 length 0",
  () => {
    const frame = ethernet(IPV6, ipv6({ next: PROTOCOL.TCP, payloadLength: 0 }, segment));
    const record = recordOfSegments(frame, 2);
    assert.deepEqual(record.present.toSorted(), [...TCP_PRESENT].sort());
    assert.equal(record.payload_length, 2896);
    assert.deepEqual(recordOfSegments(frame, 1).present.toSorted(), [...IP_PRESENT].sort());
  },
);
