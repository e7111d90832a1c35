import assert from "node:assert/strict";
import type { PlacedAttachment } from "../../../src/contract/attachment.ts";
import { VERSION } from "../../../src/core/version.ts";
import { SCHEMA_VERSION } from "../../../src/contract/columns.ts";
import {
  EARLY_METADATA,
  earlyMetadata,
  recordingMetadata,
} from "../../../src/recorder/recording_metadata.ts";
import { countsOf } from "../../support/fake_counts.ts";

const ATTACHMENT: PlacedAttachment & { reason: string } = {
  attachment: 0,
  interface: "eth0",
  direction: "ingress",
  hook: "xdp",
  mode: "native",
  // What a source knows beyond the contract stays out of the file.
  reason: "",
};

const COUNTS = [countsOf({
  seen: 20,
  captured: 9,
  capturedBytes: 900,
  sampledOut: 5,
  filtered: 3,
  ringFull: 2,
  queueFull: 1,
})];

const RECORDED = {
  packets_seen: 20,
  packets_captured: 9,
  packets_dropped: 3,
  drops: { ring_full: 2, queue_full: 1, not_written: 0 },
  packets_sampled_out: 5,
  packets_filtered: 3,
  bytes_captured: 900,
};

Deno.test("recordingMetadata() says who recorded what, from when to when", () => {
  const { "xdp_inspector.attachments": attachments, "xdp_inspector.counters": counters, ...rest } =
    recordingMetadata(
      {
        attachments: [ATTACHMENT],
        startedNs: 1_000_000_001n,
        endedNs: 3_500_000_001n,
        durationNs: 2_500_000_000n,
        earlyEnds: [],
      },
      COUNTS,
      { sampleRate: 4, filter: "udp" },
    );
  // The keys are a contract: written out here.
  assert.deepEqual(rest, {
    "xdp_inspector.schema_version": String(SCHEMA_VERSION),
    "xdp_inspector.tool_version": VERSION,
    "xdp_inspector.host": Deno.readTextFileSync("/proc/sys/kernel/hostname").trim(),
    "xdp_inspector.started": "1970-01-01T00:00:01.000000001Z",
    "xdp_inspector.ended": "1970-01-01T00:00:03.500000001Z",
    "xdp_inspector.duration_seconds": "2.5",
    "xdp_inspector.sample_rate": "4",
    "xdp_inspector.filter": "udp",
  });
  assert.deepEqual(JSON.parse(counters!), RECORDED);
  const { reason: _, attachment: slot, ...attached } = ATTACHMENT;
  assert.deepEqual(JSON.parse(attachments!), [{
    slot,
    ...attached,
    ended: "1970-01-01T00:00:03.500000001Z",
    end_reason: "stopped",
    counters: RECORDED,
  }]);
});

Deno.test("EARLY_METADATA says what is known before the first packet", () => {
  assert.deepEqual(EARLY_METADATA, {
    "xdp_inspector.schema_version": String(SCHEMA_VERSION),
    "xdp_inspector.tool_version": VERSION,
  });
});

Deno.test("recordingMetadata() gives a length that the wall clock does not change", () => {
  // It was set back by an hour meanwhile.
  const end = { startedNs: 3_600_000_000_000n, endedNs: 2_500_000_000n, attachments: [ATTACHMENT] };
  const rest = { durationNs: 2_500_000_000n, earlyEnds: [] };
  const metadata = recordingMetadata({ ...end, ...rest }, COUNTS, { sampleRate: 1, filter: "" });
  assert.equal(metadata["xdp_inspector.duration_seconds"], "2.5");
});

Deno.test("recordingMetadata() says when and why an attachment ended before the others", () => {
  const egress = { ...ATTACHMENT, attachment: 1, direction: "egress" } as const;
  const metadata = recordingMetadata(
    {
      attachments: [ATTACHMENT, egress],
      startedNs: 1_000_000_000n,
      endedNs: 3_500_000_000n,
      durationNs: 2_500_000_000n,
      earlyEnds: [{ attachment: 1, endedNs: 2_000_000_000n, reason: "interface_gone" }],
    },
    [...COUNTS, ...COUNTS],
    { sampleRate: 1, filter: "" },
  );
  const parts: Record<string, unknown>[] = JSON.parse(metadata["xdp_inspector.attachments"]!);
  assert.deepEqual(parts.map(({ ended, end_reason }) => [ended, end_reason]), [
    ["1970-01-01T00:00:03.500000000Z", "stopped"],
    ["1970-01-01T00:00:02.000000000Z", "interface_gone"],
  ]);
});

Deno.test("earlyMetadata() says what a source knows before its first packet", () => {
  const { attachment: slot, interface: name, direction } = ATTACHMENT;
  const attachments = [{ attachment: slot, interface: name, direction }];
  assert.deepEqual(earlyMetadata({ attachments, sampleRate: 10, filter: "tcp" }), {
    ...EARLY_METADATA,
    "xdp_inspector.host": Deno.hostname(),
    "xdp_inspector.sample_rate": "10",
    "xdp_inspector.filter": "tcp",
    "xdp_inspector.attachments": '[{"slot":0,"interface":"eth0","direction":"ingress"}]',
  });
});
