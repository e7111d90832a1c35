import assert from "node:assert/strict";
import { completeness } from "../../../src/query/recording_facts.ts";
import { trustLines } from "../../../src/render/footer.ts";
import { earlyEndLines, mismatchLine, repeatedLines } from "../../../src/render/trust_lines.ts";

const NONE = { recordedTwice: [], loopback: false, several: [] };

const EARLY = {
  interface: "eth0",
  direction: "egress",
  ended: "2026-11-23T13:54:10.123456789Z",
  reason: "detached",
};

function texts(lines: readonly { text: string }[]): string[] {
  return lines.map(({ text }) => text);
}

Deno.test("earlyEndLines() names what ended, when and why, and not hundreds of it", () => {
  assert.deepEqual(
    texts(earlyEndLines([
      EARLY,
      { ...EARLY, direction: "ingress", ended: null, reason: "interface_gone" },
      { ...EARLY, ended: null, reason: "x".repeat(100) },
    ])),
    [
      "eth0 egress ended early at 2026-11-23 13:54:10.123 UTC: somebody detached the program",
      "eth0 ingress ended early: the interface disappeared",
      `eth0 egress ended early: ${"x".repeat(40)}`,
    ],
  );
  const many = earlyEndLines(Array(100).fill(EARLY));
  assert.equal(many.length, 7);
  assert.equal(many.at(-1)!.text, "94 more ended early");
  assert.ok(many.every(({ isWarning }) => isWarning));
});

Deno.test("repeatedLines() says which packets count more than once", () => {
  assert.deepEqual(repeatedLines(NONE), []);
  const recordedTwice = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const lines = repeatedLines({ recordedTwice, loopback: true, several: ["eth0", "eth1"] });
  assert.deepEqual(texts(lines), [
    "a, b, c, d, e, f and 2 more recorded by several files at one time: their packets count more than once",
    "lo in both directions: each of its packets counts twice, going out and coming in",
    "a packet that passes several of eth0, eth1 counts at each",
  ]);
  // Whoever records two interfaces may want just that.
  assert.deepEqual(lines.map(({ isWarning }) => isWarning === true), [true, true, false]);
});

Deno.test("trustLines() does not call a capture complete that ended early", async () => {
  const counters = { seen: 10n, captured: 10n, dropped: 0n, filtered: 0n, drops: new Map() };
  const trust = {
    completeness: completeness([counters]),
    sampleRates: [1],
    skippedFiles: 0,
    recordedSeconds: 1,
    earlyEnds: [EARLY],
    repeatedPackets: NONE,
    contentMismatch: () => Promise.resolve(null),
    selected: null,
  };
  assert.deepEqual(texts(await trustLines(trust)), texts(earlyEndLines([EARLY])));
  const unknown = { ...trust, completeness: completeness([counters, null]) };
  assert.equal((await trustLines(unknown)).length, 2);
  assert.deepEqual(texts(await trustLines({ ...trust, earlyEnds: [] })), ["capture complete"]);
});

Deno.test("mismatchLine() compares what a file holds with what was recorded", () => {
  assert.equal(mismatchLine(null), null);
  const mismatch = {
    files: 1,
    label: "a.parquet",
    counted: { packets: 1000n, bytes: 96_000n },
    found: { packets: 950n, bytes: 91_200n },
  };
  const numbers = "it has 950 packets with 91,200 bytes, but 1,000 with 96,000 bytes were recorded";
  assert.deepEqual(mismatchLine(mismatch), {
    text: `"a.parquet" was changed or is damaged: ${numbers}`,
    isWarning: true,
  });
  const three = mismatchLine({ ...mismatch, files: 3 })!;
  assert.match(three.text, /^"a\.parquet" was changed or is damaged, and so are 2 files more: /);
});
