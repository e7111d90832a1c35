import assert from "node:assert/strict";
import type { RecordingReport } from "../../../src/contract/recording_report.ts";
import { renderCountMissed, renderFinalReport } from "../../../src/render/final_report.ts";

function report(change: Partial<RecordingReport> = {}): RecordingReport {
  const counts = {
    packets_seen: 1_000_000,
    packets_captured: 1_000_000,
    packets_dropped: 0,
    drops: { ring_full: 0, queue_full: 0, not_written: 0 },
    packets_sampled_out: 0,
    packets_filtered: 0,
    bytes_captured: 100_000_000,
  };
  return {
    ...counts,
    output: "traffic.parquet",
    interfaces: [
      {
        name: "eth0",
        direction: "ingress",
        hook: "xdp",
        mode: "native",
        ended: "2026-11-23T13:54:30.500000000Z",
        end_reason: "stopped",
        ...counts,
      },
    ],
    duration_seconds: 10,
    rows_written: 1_000_000,
    interface_events: [],
    interface_events_left_out: 0,
    file_bytes: 5_000_000,
    sample_rate: 1,
    clock_changes: [],
    filter: "",
    ...change,
  };
}

Deno.test("renderFinalReport() begins with the three lines of tcpdump", () => {
  assert.deepEqual(renderFinalReport(report()).slice(0, 3), [
    "1000000 packets captured",
    "1000000 packets received by filter",
    "0 packets dropped by kernel",
  ]);
});

Deno.test("renderFinalReport() says 1 packet and 1 row of one", () => {
  const lines = renderFinalReport(report({ packets_captured: 1, rows_written: 1 }));
  assert.equal(lines[0], "1 packet captured");
  assert.equal(lines.at(-1), '1 row in "traffic.parquet", 4.77 MiB');
  assert.deepEqual(renderCountMissed({ packets_captured: 0 }, 1), [
    'ended before the 1 packet of "--count": 0 came',
  ]);
});

Deno.test("renderFinalReport() gives totals, rates and the file", () => {
  assert.deepEqual(renderFinalReport(report()).slice(3), [
    "eth0 ingress: 1,000,000 captured, 0 dropped, 95.4 MiB",
    "95.4 MiB of traffic in 10.0 s, 100 kpackets/s, 80.0 Mbit/s",
    '1,000,000 rows in "traffic.parquet", 4.77 MiB',
  ]);
});

Deno.test("renderFinalReport() names each cause of loss and what to change", () => {
  const lines = renderFinalReport(report({
    packets_captured: 998_000,
    packets_dropped: 2000,
    drops: { ring_full: 1000, queue_full: 1000, not_written: 0 },
  }));
  assert.deepEqual(lines.slice(0, 5), [
    "998000 packets captured",
    "1000000 packets received by filter",
    "2000 packets dropped by kernel",
    '  1,000 ring full: try a larger "--buffer", "--sample" or one "--direction" (0.1 %)',
    '  1,000 queue full, the output is too slow: try another disk, or "--sample" (0.1 %)',
  ]);
});

Deno.test("renderFinalReport() gives the lost share of all packets seen", () => {
  const lines = renderFinalReport(report({
    packets_captured: 400_000,
    packets_dropped: 600_000,
    drops: { ring_full: 500_000, queue_full: 100_000, not_written: 0 },
  }));
  assert.match(lines[3]!, /^ {2}500,000 ring full: .* \(50 %\)$/);
  assert.match(lines[4]!, /^ {2}100,000 queue full, .* \(10 %\)$/);
});

Deno.test("renderFinalReport() says how much was sampled out", () => {
  const lines = renderFinalReport(report({ sample_rate: 10, packets_sampled_out: 9_000_000 }));
  assert.equal(lines[3], "1 packet in 10 kept, 9,000,000 sampled out");
});

Deno.test("renderFinalReport() says packet for one packet", () => {
  assert.equal(
    renderFinalReport(report({ packets_captured: 1, packets_dropped: 0 }))[0],
    "1 packet captured",
  );
});

Deno.test("renderFinalReport() divides by nothing when a recording took no time", () => {
  const lines = renderFinalReport(report({ duration_seconds: 0 }));
  assert.ok(lines.some((line) => line.includes("0 packets/s, 0 bit/s")));
});

Deno.test("renderFinalReport() lets no control character out of a file name", () => {
  const lines = renderFinalReport(report({ output: "a\x1b[31m.parquet" }));
  assert.ok(!lines.join("").includes("\x1b"));
});

Deno.test("renderFinalReport() names new addresses as the cause where a queue was full by them", () => {
  const counts = {
    packets_captured: 1000,
    rows_written: 1000,
    packets_dropped: 999_000,
    drops: { ring_full: 0, queue_full: 999_000, not_written: 0 },
  };
  const cause = (new_addresses: number) =>
    renderFinalReport(report({ ...counts, new_addresses }))[3];
  assert.equal(
    cause(251),
    '  999,000 queue full, new addresses in most packets are slow to write: try a filter, or "--sample" (99.9 %)',
  );
  assert.equal(
    cause(250),
    '  999,000 queue full, the output is too slow: try another disk, or "--sample" (99.9 %)',
  );
});

Deno.test("renderFinalReport() says where rows are not that no file has", () => {
  const lines = renderFinalReport(report({ file_bytes: 0 }));
  assert.equal(lines.at(-1), '1,000,000 rows written, but not to "traffic.parquet"');
  const several = renderFinalReport(report({ file_bytes: 0, files: 0 }));
  assert.equal(several.at(-1), '1,000,000 rows in 0 files in "traffic.parquet", 0 B');
});

Deno.test("renderFinalReport() scales traffic and rates of a sampled recording, and says so", () => {
  const lines = renderFinalReport(report({ sample_rate: 10, packets_sampled_out: 9_000_000 }));
  assert.equal(lines[0], "1000000 packets captured");
  assert.deepEqual(lines.slice(4), [
    "eth0 ingress: 1,000,000 captured, 0 dropped, stand for 10,000,000 packets, 954 MiB",
    "954 MiB of traffic in 10.0 s, 1.00 Mpackets/s, 800 Mbit/s, scaled up by 10",
    '1,000,000 rows in "traffic.parquet", 4.77 MiB',
  ]);
});

Deno.test("renderCountMissed() says that fewer packets came than were asked for", () => {
  assert.deepEqual(renderCountMissed({ packets_captured: 40 }, 1000), [
    'ended before the 1,000 packets of "--count": 40 came',
  ]);
  assert.deepEqual(renderCountMissed({ packets_captured: 1000 }, 1000), []);
  assert.deepEqual(renderCountMissed({ packets_captured: 0 }, null), []);
});

Deno.test("renderFinalReport() says what ended before the recording", () => {
  const [ingress] = report().interfaces;
  const egress = { ...ingress!, direction: "egress", end_reason: "detached" } as const;
  const lines = renderFinalReport(report({ interfaces: [ingress!, egress] }));
  assert.equal(
    lines[5],
    "eth0 egress ended early at 2026-11-23 13:54:30.500 UTC: somebody detached the program",
  );
  assert.equal(lines.filter((line) => line.includes("ended early")).length, 1);
});
