/**
 * The settings of one report: its name and its files may both stand without a flag.
 *
 * @module
 */
import { UsageError } from "../core/errors.ts";
import { suggestion } from "../core/near_names.ts";
import { PROGRAM_NAME } from "../core/version.ts";
import { type FlagValues, listChoices } from "./flag.ts";
import type { STATS_FLAGS } from "./flags.ts";
import { REPORT_NAMES, type StatsOptions } from "./stats_options.ts";

/**
 * Turns the values of the flags of `stats`, and the words without a flag, into its settings.
 *
 * One such word names the report. Others count as files, if a file was named by a flag and they
 * look like paths: the shell turns `-f *.parquet` into a flag with one value, and words.
 *
 * @param filesGiven Whether `values.files` was written by the user, rather than being the default.
 * @throws {UsageError} If a word is neither.
 */
export function statsOptions(
  values: FlagValues<typeof STATS_FLAGS>,
  operands: readonly string[],
  filesGiven: boolean,
): StatsOptions {
  let report: string | undefined;
  const files = [...values.files];
  for (const operand of operands) {
    const named = REPORT_NAMES.find((name) => name === operand);
    if (named !== undefined && report === undefined) {
      report = named;
    } else if (filesGiven && looksLikePath(operand)) {
      files.push(operand);
    } else if (named !== undefined) {
      throw new UsageError(`Cannot print the report "${named}" together with "${report}"`, {
        hint: "Name one report",
      });
    } else {
      throw unknownReport(operand);
    }
  }
  return { report: report ?? REPORT_NAMES[0]!, files, limit: values.limit, format: values.format };
}

function unknownReport(name: string): UsageError {
  const near = suggestion(name, REPORT_NAMES);
  const file = `Name a file with -f: "${PROGRAM_NAME} stats -f ${name}"`;
  return new UsageError(`Unknown report "${name}"`, {
    hint: near ?? (looksLikePath(name) ? file : `Reports: ${listChoices(REPORT_NAMES)}`),
  });
}

/** No report has a dot or a slash in its name. */
function looksLikePath(text: string): boolean {
  return /[./]/.test(text);
}
