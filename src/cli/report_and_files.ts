/**
 * Which of the words behind `stats` is a report, and which are files.
 *
 * @module
 */
import { STANDARD_INPUT } from "../contract/default_file.ts";
import { UsageError } from "../core/errors.ts";
import { suggestion } from "../core/near_names.ts";
import { listChoices } from "./flag.ts";

/** What was written. */
export interface ReportWords {
  /** Names of the reports, the default first. */
  readonly names: readonly string[];
  /** Files named by a flag; null = none. */
  readonly files: readonly string[] | null;
  readonly operands: readonly string[];
}

/**
 * Tells the report from the files. The first name of a report is the report; a word that looks like
 * a path, or is the name of a file that exists, is a file.
 *
 * @param exists whether there is a file or directory of a name
 * @returns `files` is null if none was named
 * @throws {UsageError} If a word is neither, or there are two reports.
 */
export function reportAndFiles(
  { names, files, operands }: ReportWords,
  exists: (path: string) => boolean,
): { report: string; files: string[] | null } {
  let report: string | undefined;
  const all = [...files ?? []];
  for (const operand of operands) {
    const isReport = names.includes(operand);
    if (isReport && report === undefined) {
      report = operand;
    } else if (isReport) {
      throw new UsageError(`Cannot print the report "${operand}" together with "${report}"`, {
        hint: exists(operand) ? `Name one report; for the file, "./${operand}"` : "Name one report",
      });
    } else if (
      operand === STANDARD_INPUT || looksLikePath(operand) || operand !== "" && exists(operand)
    ) {
      all.push(operand);
    } else {
      throw new UsageError(`Unknown report "${operand}"`, {
        hint: suggestion(operand, names) ?? `Reports: ${listChoices(names)}`,
      });
    }
  }
  return { report: report ?? names[0]!, files: all.length === 0 ? null : all };
}

/** No report has such a character in its name: those of paths and of patterns. */
function looksLikePath(text: string): boolean {
  return /[./*?[]/.test(text);
}
