/**
 * Rows of a report as programs get them, asked for with the words of a command line.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { StatsOptions } from "../../src/cli/stats_options.ts";
import { runStats } from "../../src/commands/stats/run_stats.ts";
import { called } from "../unit/cli/parsing.ts";
import type { ReferenceRow } from "./report_reference.ts";

/** Digits behind the point that averages, rates and shares are compared by. */
const TOLERANCE = 0.0051;

/** All rows of `stats <words> --json <files>`. */
export async function askReport(
  words: readonly string[],
  files: readonly string[],
): Promise<ReferenceRow[]> {
  const { options } = called(["stats", ...words]);
  let text = "";
  await runStats({ ...options as StatsOptions, files, limit: 0, format: "json" }, {
    data: (part) => text += part,
    note: () => {},
    screen: { width: null, colour: false },
  });
  return JSON.parse(text);
}

/** Compares rows in any order by the columns that are expected; fractions nearly. */
export function sameRows(
  actual: readonly ReferenceRow[],
  expected: readonly ReferenceRow[],
  message: string,
): void {
  const columns = Object.keys(expected[0] ?? {});
  const sorted = (rows: readonly ReferenceRow[]) =>
    rows.map((row) => columns.map((name) => row[name]))
      .map((row) => [JSON.stringify(row.map(whole)), row] as const)
      .sort(([one], [other]) => one < other ? -1 : 1).map(([, row]) => row);
  const [ours, theirs] = [sorted(actual), sorted(expected)];
  assert.equal(ours.length, theirs.length, `${message}: ${JSON.stringify([ours, theirs])}`);
  for (const [index, row] of theirs.entries()) {
    for (const [column, value] of row.entries()) {
      const given = ours[index]![column];
      const isSame = typeof value === "number" && typeof given === "number"
        ? Math.abs(value - given) <= (Number.isInteger(value) ? 0 : TOLERANCE)
        : given === value;
      if (!isSame) {
        assert.fail(
          `${message}: ${columns[column]} is ${given}, not ${value}: ${
            JSON.stringify([ours, theirs])
          }`,
        );
      }
    }
  }
}

/** Fractions say nothing of the order: they may differ in the last digit. */
function whole(value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? null : value;
}
