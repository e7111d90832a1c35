import assert from "node:assert/strict";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import {
  recordedSeconds,
  type RecordingSpan,
  recordingSpan,
  repeatedPackets,
} from "../../../src/query/recording_span.ts";

/** A recording of `views`, each `interface direction`, from a second of the hour on. */
function span(start: number | null, seconds: number | null, ...views: string[]): RecordingSpan {
  return {
    startedMs: start === null ? null : 1_795_442_040_000 + start * 1000,
    seconds,
    views: views.map((view) => {
      const [name = "", direction = ""] = view.split(" ");
      return { interface: name, direction };
    }),
    earlyEnds: [],
  };
}

Deno.test("recordingSpan() reads what the recorder writes, and nothing else", () => {
  const attachments = [
    { interface: "eth0", direction: "ingress", ended: "2026-11-23T13:54:30.500000000Z" },
    {
      interface: "eth0",
      direction: "egress",
      ended: "2026-11-23T13:54:10.000000000Z",
      end_reason: "detached",
    },
    { interface: "lo", direction: "ingress", end_reason: "stopped" },
    { interface: "x", direction: "egress", end_reason: "interface_gone", ended: "yesterday" },
    null,
    { interface: 7 },
  ];
  const read = (started: string, seconds: string, text: string) =>
    recordingSpan(
      new Map([
        [FILE_METADATA_KEY.started, started],
        [FILE_METADATA_KEY.durationSeconds, seconds],
        [FILE_METADATA_KEY.attachments, text],
      ]),
    );
  const good = read("2026-11-23T13:54:00.000000000Z", "30.5", JSON.stringify(attachments));
  assert.equal(good.startedMs, Date.UTC(2026, 10, 23, 13, 54));
  assert.equal(good.seconds, 30.5);
  assert.equal(good.views.length, 4);
  assert.deepEqual(good.earlyEnds, [
    {
      interface: "eth0",
      direction: "egress",
      ended: "2026-11-23T13:54:10.000000000Z",
      reason: "detached",
    },
    { interface: "x", direction: "egress", ended: null, reason: "interface_gone" },
  ]);
  const unknown = { startedMs: null, seconds: null, views: [], earlyEnds: [] };
  for (const seconds of ["", "-3599", "NaN", "1e99", "Infinity", "999999999999"]) {
    assert.deepEqual(read("now", seconds, "{"), unknown, seconds);
  }
  assert.deepEqual(recordingSpan(new Map()), unknown);
});

Deno.test("recordedSeconds() counts neither gaps nor the same time twice", () => {
  assert.equal(recordedSeconds([span(0, 4.123456789)]), 4.123456789);
  // An hour between two recordings of ten seconds.
  assert.equal(recordedSeconds([span(3600, 10), span(0, 10)]), 20);
  assert.equal(recordedSeconds([span(0, 10), span(5, 10)]), 15);
  assert.equal(recordedSeconds([span(0, 10), span(2, 3)]), 10);
  assert.equal(recordedSeconds([span(0, 10), span(null, 3)]), 13);
  assert.equal(recordedSeconds([span(0, 10), span(0, null)]), null);
});

Deno.test("repeatedPackets() names interfaces that several recordings recorded at one time", () => {
  const twice = (...spans: RecordingSpan[]) => repeatedPackets(spans).recordedTwice;
  assert.deepEqual(twice(span(0, 10, "eth0 ingress"), span(9, 10, "eth0 ingress")), ["eth0"]);
  assert.deepEqual(twice(span(0, 10, "eth0 ingress"), span(10, 10, "eth0 ingress")), []);
  assert.deepEqual(twice(span(0, 10, "eth0 ingress"), span(5, 10, "eth0 egress")), []);
  assert.deepEqual(twice(span(0, 10, "eth0 ingress"), span(5, null, "eth0 ingress")), []);
  assert.deepEqual(
    twice(span(0, 30, "b in"), span(1, 1, "a in"), span(5, 2, "a in"), span(6, 3, "a in", "b in")),
    ["a", "b"],
  );
});

Deno.test("repeatedPackets() knows loopback in both directions, and several interfaces", () => {
  const both = span(0, 10, "lo ingress", "lo egress");
  assert.deepEqual(repeatedPackets([both]), { recordedTwice: [], loopback: true, several: [] });
  assert.equal(repeatedPackets([span(0, 10, "lo ingress")]).loopback, false);
  assert.equal(repeatedPackets([span(null, null, "lo ingress", "lo egress")]).loopback, true);
  const several = (...spans: RecordingSpan[]) => repeatedPackets(spans).several;
  assert.deepEqual(several(span(0, 10, "eth1 ingress", "eth0 ingress")), ["eth0", "eth1"]);
  assert.deepEqual(several(span(0, 10, "eth0 in"), span(5, 10, "eth1 in")), ["eth0", "eth1"]);
  assert.deepEqual(several(span(0, 10, "eth0 in"), span(20, 10, "eth1 in")), []);
  assert.deepEqual(several(span(0, 10, "eth0 ingress", "eth0 egress")), []);
});
