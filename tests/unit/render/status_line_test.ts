import assert from "node:assert/strict";
import type { RecordingSnapshot } from "../../../src/contract/recording_report.ts";
import { renderStatusLine } from "../../../src/render/status_line.ts";

function snapshot(
  elapsedMs: number,
  captured: number,
  dropped = 0,
  topSenders: RecordingSnapshot["topSenders"] = [],
): RecordingSnapshot {
  return {
    elapsedMs,
    counts: {
      packets_seen: captured + dropped,
      packets_captured: captured,
      packets_dropped: dropped,
      drops: { ring_full: dropped, queue_full: 0, not_written: 0 },
      packets_sampled_out: 0,
      packets_filtered: 0,
      bytes_captured: captured * 100,
    },
    rowsWritten: captured,
    fileBytes: 3 * 1024 * 1024,
    topSenders,
  };
}

Deno.test("renderStatusLine() shows the rates between two snapshots, not since the start", () => {
  assert.equal(
    renderStatusLine(snapshot(12_000, 3000), snapshot(10_000, 1000), 30_000, 200),
    "12.0 s of 30.0 s  3,000 packets  1.00 kpackets/s  800 kbit/s  lost 0  file 3.00 MiB",
  );
});

Deno.test("renderStatusLine() says 1 packet of one", () => {
  const line = renderStatusLine(snapshot(1000, 1), undefined, 0, 200);
  assert.ok(line.startsWith("1.00 s  1 packet  "), line);
});

Deno.test("renderStatusLine() shows the share of lost packets", () => {
  const line = renderStatusLine(snapshot(1000, 900, 100), undefined, 0, 200);
  assert.ok(line.startsWith("1.00 s  900 packets"), line);
  assert.ok(line.includes("lost 100 (10 %)"), line);
});

Deno.test("renderStatusLine() names the busiest senders of both families", () => {
  const ipv4 = new Uint8Array(16);
  ipv4.set([0xff, 0xff, 10, 0, 0, 1], 10);
  const ipv6 = new Uint8Array(16);
  ipv6.set([0xfd, 0]);
  ipv6[15] = 2;
  const line = renderStatusLine(
    snapshot(1000, 1000, 0, [
      { address: ipv4, packets: 500, bytes: 50_000 },
      { address: ipv6, packets: 100, bytes: 10_000 },
    ]),
    undefined,
    0,
    200,
  );
  assert.ok(line.endsWith("10.0.0.1 50 %  fd00::2 10 %"), line);
});

Deno.test("renderStatusLine() gives the share of a sender in what came since the last line", () => {
  const address = new Uint8Array(16);
  address[15] = 1;
  const now = snapshot(2000, 1100, 0, [{ address, packets: 50, bytes: 5000 }]);
  assert.ok(renderStatusLine(now, snapshot(1000, 1000), 0, 200).endsWith("::1 50 %"));
});

Deno.test("renderStatusLine() leaves out from the right what does not fit", () => {
  const full = renderStatusLine(snapshot(12_000, 3000), undefined, 30_000, 200);
  for (let width = 0; width <= full.length; width++) {
    const line = renderStatusLine(snapshot(12_000, 3000), undefined, 30_000, width);
    assert.ok(line.length <= width);
    assert.ok(full.startsWith(line));
  }
  assert.equal(
    renderStatusLine(snapshot(12_000, 3000), undefined, 30_000, 40),
    "12.0 s of 30.0 s  3,000 packets",
  );
});

Deno.test("renderStatusLine() scales packets and rates of a sampled recording, and says so", () => {
  assert.equal(
    renderStatusLine(snapshot(12_000, 3000, 10), snapshot(10_000, 1000, 10), 0, 200, 10),
    "12.0 s  30,000 packets  10.0 kpackets/s  8.00 Mbit/s  scaled up by 10  lost 10 (0.33 %)  " +
      "file 3.00 MiB",
  );
});

/** The recording of `at` seconds, of a sender with a long address. */
function busy(at: number, address: Uint8Array, dropped = 0): RecordingSnapshot {
  const packets = 1_234_567 * at;
  const senders = [
    { address, packets: 900_000, bytes: 1_000_000_000 },
    { address: mapped(10, 0, 0, 2), packets: 100, bytes: 10_000_000 },
  ];
  const one = snapshot(at * 1000, packets, dropped, senders);
  return {
    ...one,
    counts: { ...one.counts, bytes_captured: 1_250_000_000 * at },
    fileBytes: 123 * 2 ** 20,
  };
}

function mapped(...bytes: readonly number[]): Uint8Array {
  const address = new Uint8Array(16);
  address.set([0xff, 0xff, ...bytes], 10);
  return address;
}

Deno.test("renderStatusLine() shows rate, loss, file and the busiest sender at 80 columns, whatever else there is", () => {
  const long = mapped(192, 168, 100, 100);
  const ipv6 = new Uint8Array(16).fill(0xab);
  const line = (at: number, durationMs: number, address: Uint8Array, dropped = 0) =>
    renderStatusLine(busy(at, address, dropped), busy(at - 1, address, dropped), durationMs, 79);
  assert.equal(
    line(5, 30_000, mapped(10, 0, 0, 1)),
    "5.00 s  1.23 Mpackets/s  10.0 Gbit/s  lost 0  file 123 MiB  10.0.0.1 80 %",
  );
  assert.equal(
    line(83, 300_000, mapped(10, 0, 0, 1)),
    "1 min 23 s  1.23 Mpackets/s  10.0 Gbit/s  lost 0  file 123 MiB  10.0.0.1 80 %",
  );
  assert.equal(
    line(7500, 0, long),
    "1.23 Mpackets/s  10.0 Gbit/s  lost 0  file 123 MiB  192.168.100.100 80 %",
  );
  assert.equal(
    line(7500, 0, long, 1_000_000_000),
    "1.23 Mpackets/s  10.0 Gbit/s  lost 9.75 %  file 123 MiB  192.168.100.100 80 %",
  );
  assert.equal(
    line(7500, 0, ipv6),
    "1.23 Mpackets/s  10.0 Gbit/s  lost 0  file 123 MiB  abab:abab:a…:abab:abab 80 %",
  );
  for (let width = 0; width < 200; width++) {
    const text = renderStatusLine(busy(83, ipv6), busy(82, ipv6), 300_000, width);
    assert.ok(text.length <= width, text);
  }
  assert.ok(
    renderStatusLine(busy(5, long), undefined, 30_000, 200).startsWith(
      "5.00 s of 30.0 s  6,172,835 ",
    ),
  );
});
