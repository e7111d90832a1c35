import assert from "node:assert/strict";
import type { Row } from "../../../src/query/session.ts";
import { MARKDOWN } from "../../../src/render/markdown.ts";
import { TRAFFIC } from "../../../src/reports/traffic.ts";
import { batches, collect } from "./batches.ts";

function markdown(...rows: Row[]): Promise<string> {
  const counters = {
    seen: 10n,
    captured: 9n,
    dropped: 1n,
    filtered: 0n,
    drops: new Map([["ring_full", 1n]]),
  };
  const overview = { packets: 0n, ipPackets: 0n, bytes: 0n, firstPacket: null, lastPacket: null };
  return collect(MARKDOWN.render({
    kind: "table",
    section: {
      report: TRAFFIC,
      batches: batches(rows),
      typed: () => assert.fail("text has no types"),
      tally: { shown: rows.length, found: BigInt(rows.length) },
    },
    trust: {
      completeness: { counters, files: 1, filesUnknown: 0 },
      sampleRates: [1],
      skippedFiles: 0,
      recordedSeconds: null,
      earlyEnds: [],
      repeatedPackets: { recordedTwice: [], loopback: false, several: [] },
      contentMismatch: () => Promise.resolve(null),
      selected: null,
    },
    overview: () => Promise.resolve(overview),
  }, { width: 10, colour: true }));
}

Deno.test("MARKDOWN prints a table with the alignment of its columns, and what is to be known", async () => {
  const text = await markdown(["egress", "TCP", 1234n, 2048n, 1.66], ["egress", null, 1n, 1n, 1]);
  assert.equal(
    text,
    "| Dir | Protocol | Packets | Bytes | Avg size |\n" +
      "| :-- | :-- | --: | --: | --: |\n" +
      "| egress | TCP | 1,234 | 2.00 KiB | 1.66 B |\n" +
      "| egress | - | 1 | 1 B | 1 B |\n" +
      "\n- 2 of 2 rows\n- no packets\n- **lost 1 of 10 packets (10 %), ring full**\n",
  );
});

Deno.test("MARKDOWN lets no text of a file become a cell, markup or control character", async () => {
  const hostile = "a|b\\|c\n| x |\x1b[31m<img src=x>[l](u)`*_~&amp;";
  const [, , row] = (await markdown([hostile, "x", 1n, 1n, 1])).split("\n");
  assert.equal(
    row,
    "| a\\|b\\\\\\|c\\\\n\\| x \\|\\\\x1b\\[31m\\<img src=x\\>\\[l\\](u)\\`\\*\\_\\~\\&amp; | x | 1 | 1 B | 1 B |",
  );
});
