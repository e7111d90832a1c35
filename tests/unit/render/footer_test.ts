import assert from "node:assert/strict";
import { completeness } from "../../../src/query/recording_facts.ts";
import {
  captureLine,
  renderFooter,
  rowsLine,
  samplingLine,
  timeSpanLine,
} from "../../../src/render/footer.ts";
import { withoutIpNote } from "../../../src/reports/without_ip.ts";

const NO_COLOUR = { width: null, colour: false };

function counters(seen: bigint, drops: Record<string, bigint>) {
  const dropped = Object.values(drops).reduce((sum, count) => sum + count, 0n);
  return {
    seen,
    captured: seen - dropped,
    dropped,
    filtered: 0n,
    drops: new Map(Object.entries(drops)),
  };
}

function overview(packets: bigint, ipPackets: bigint, first: bigint | null, last: bigint | null) {
  return { packets, ipPackets, bytes: 0n, firstPacket: first, lastPacket: last };
}

Deno.test("captureLine() tells the loss of the selected time where it is known", () => {
  const counters = {
    ...{ seen: 100n, captured: 90n, dropped: 10n, filtered: 0n },
    drops: new Map([["ring_full", 10n]]),
  };
  const all = completeness([counters]);
  const inTime = { dropped: 3n, drops: new Map([["ring_full", 2n], ["queue_full", 1n]]) };
  assert.deepEqual(captureLine(all, true, { ...inTime, isCut: false }), {
    text: "lost 3 packets: ring full 2, queue full 1, in the selected time",
    isWarning: true,
  });
  assert.equal(
    captureLine(all, true, { ...inTime, isCut: true }).text,
    "lost up to 3 packets: ring full 2, queue full 1, in the selected time",
  );
  const none = { dropped: 0n, drops: new Map(), isCut: false };
  assert.equal(captureLine(all, true, none).text, "capture complete");
});

Deno.test("captureLine() says what is known about loss", () => {
  const lost = counters(5_000_000n, { ring_full: 1234n });
  const whole = counters(10n, { ring_full: 0n });
  const cases: [Parameters<typeof completeness>[0], string][] = [
    [[whole], "capture complete"],
    [[counters(0n, {})], "capture complete"],
    // A share of the packets that were to be recorded.
    [
      [{ ...counters(200n, { ring_full: 1n }), filtered: 100n }],
      "lost 1 of 100 packets (1 %), ring full",
    ],
    [[null], "capture loss unknown"],
    [[null, null], "capture loss unknown"],
    [[lost], "lost 1,234 of 5,000,000 packets (0.02 %), ring full"],
    [[lost, whole], "lost 1,234 of 5,000,010 packets (0.02 %), ring full"],
    [[whole, null], "capture complete; loss unknown for 1 of 2 files"],
    [
      [counters(100n, { ring_full: 2n, queue_full: 1n }), null],
      "lost 3 of 100 packets (3 %): ring full 2, queue full 1; loss unknown for 1 of 2 files",
    ],
  ];
  for (const [files, text] of cases) {
    const line = captureLine(completeness(files));
    assert.equal(line.text, text);
    assert.equal(line.isWarning === true, text !== "capture complete", text);
  }
});

Deno.test("timeSpanLine() repeats the date only when it changes", () => {
  const midnight = 1_795_478_400_000_000_000n; // 2026-11-24T00:00:00Z
  const text = (first: bigint, last: bigint) => timeSpanLine(overview(1n, 1n, first, last)).text;
  assert.equal(text(midnight, midnight), "2026-11-24 00:00:00.000 to 00:00:00.000 UTC (0 s)");
  assert.equal(
    text(midnight - 1n, midnight),
    "2026-11-23 23:59:59.999 to 2026-11-24 00:00:00.000 UTC (1 ns)",
  );
  assert.equal(timeSpanLine(overview(0n, 0n, null, null)).text, "no packets");
  assert.match(text(-1n, 0n), /^1969-12-31 23:59:59\.999 to 1970-01-01/);
});

Deno.test("samplingLine() says that the numbers are scaled", () => {
  assert.equal(samplingLine([1]), null);
  assert.match(samplingLine([1000])!.text, /1 packet in 1,000 was kept.*scaled/);
  assert.match(samplingLine([1, 10])!.text, /1 packet in 1 to 10, by file, was kept/);
  // 196 % by the square root of 100 and of 10,000 kept packets, of the file that kept fewest.
  for (
    const [rates, few, many] of [[[10], "1,000", "100,000"], [[2, 50], "5,000", "500,000"]] as const
  ) {
    const line = samplingLine(rates)!.text;
    assert(line.endsWith(`: ${few} packets to within 20 %, ${many} packets to within 2 %`), line);
  }
});

Deno.test("rowsLine() and withoutIpNote() count what is not shown", () => {
  assert.equal(rowsLine(10, 1234n).text, "10 of 1,234 rows");
  assert.equal(rowsLine(1, 1n).text, "1 row");
  assert.equal(rowsLine(1, 2n).text, "1 of 2 rows");
  assert.equal(rowsLine(0, 0n).text, "0 of 0 rows");
  assert.equal(withoutIpNote(overview(5n, 5n, 0n, 0n)), null);
  assert.match(withoutIpNote(overview(5n, 4n, 0n, 0n))!, /^1 packet without an IP header is/);
  assert.match(withoutIpNote(overview(5000n, 4n, 0n, 0n))!, /^4,996 packets without/);
});

Deno.test("renderFooter() uses the last cell of the width, and not one more", () => {
  const wrapped = (width: number) =>
    renderFooter([{ text: "one two three 四" }], { ...NO_COLOUR, width });
  assert.equal(wrapped(16), "one two three 四\n");
  assert.equal(wrapped(15), "one two three\n  四\n");
  assert.equal(wrapped(13), "one two three\n  四\n");
  assert.equal(wrapped(12), "one two\n  three 四\n");
  assert.equal(wrapped(10), "one two\n  three 四\n");
  assert.equal(wrapped(9), "one two\n  three\n  四\n");
  assert.equal(wrapped(7), "one two\n  three\n  四\n");
  assert.equal(wrapped(6), "one\n  two\n  three\n  四\n");
});

Deno.test("renderFooter() wraps at the width and makes hostile text visible", () => {
  const lines = [null, { text: "one two three four" }, { text: "a\x1b[31m", isWarning: true }];
  assert.equal(
    renderFooter(lines, { ...NO_COLOUR, width: 9 }),
    "one two\n  three\n  four\na\\x1b[31m\n",
  );
  assert.equal(
    renderFooter(lines.slice(2), { width: null, colour: true }),
    "\x1b[33ma\\x1b[31m\x1b[39m\n",
  );
});
