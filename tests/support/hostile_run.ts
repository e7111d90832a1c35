/**
 * One damaged recording and all that `stats` says about it.
 *
 * @module
 */
import { strict as assert } from "node:assert";
import { runStats } from "../../src/commands/stats/run_stats.ts";
import { FORMATS } from "../../src/render/formats.ts";
import { REPORTS } from "../../src/reports/all.ts";
import { fixturePath, FIXTURES } from "./make_fixture.ts";
import { Prng } from "./prng.ts";
import { mutateRecording } from "./recording_mutator.ts";

/** The fixtures have 36 packets at most: a report on what is left of them is never longer. */
const MAX_OUTPUT_LETTERS = 100_000;
const TIMEOUT_MS = 20_000;

/**
 * Reports on the recording of a seed.
 *
 * @returns whether there was an answer; else the file was refused with its name
 * @throws {Error} `stats` gave too much, took too long, or failed by a defect
 */
export async function reportOnMutated(seed: number, path: string): Promise<boolean> {
  const prng = new Prng(seed ^ 0x5bd1e995);
  const fixture = FIXTURES[prng.below(FIXTURES.length)]!;
  const report = REPORTS[prng.below(REPORTS.length)]!.name;
  const format = FORMATS[prng.below(FORMATS.length)]!.name;
  Deno.writeFileSync(path, mutateRecording(Deno.readFileSync(fixturePath(fixture)), seed));
  let letters = 0;
  const count = (text: string | Uint8Array) => {
    letters += text.length;
    if (typeof text !== "string") return;
    // Nothing in it moves a cursor or writes to the left.
    assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
    assert.ok(letters < MAX_OUTPUT_LETTERS, "too much output");
  };
  const output = { data: count, note: count, screen: { width: null, colour: false } };
  try {
    const options = { report, files: [path], limit: 0, format, timeoutMs: TIMEOUT_MS };
    await runStats(options, output);
    return true;
  } catch (error) {
    assert.ok(error instanceof Error && error.name === "RunError", String(error));
    assert.doesNotMatch(error.message, /takes longer than/);
    assert.ok(error.message.includes(path) || error.message.includes("memory"), error.message);
    return false;
  }
}
