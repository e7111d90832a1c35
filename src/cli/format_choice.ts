/**
 * In which format an answer is written, and where to.
 *
 * @module
 */
import { UsageError } from "../core/errors.ts";
import { listChoices } from "./flag.ts";

/** A format as the command line knows it. */
export interface FormatWord {
  readonly name: string;
  readonly isBinary?: boolean;
  /** What names of files in this format end with. */
  readonly endings?: readonly string[];
}

/** What was written about format and output. */
export interface WrittenFormat {
  /** Value of `--format`; null = not given. */
  readonly format: string | null;
  readonly json: boolean;
  /** Value of `--output`; null or `-` = standard output. */
  readonly output: string | null;
}

export interface FormatChoice {
  readonly format: string;
  /** null = standard output. */
  readonly output: string | null;
}

/**
 * @param formats the first is the default of standard output
 * @throws {UsageError} Flags and the ending contradict each other, the ending is unknown, or bytes would
 * go to a terminal.
 */
export function chooseFormat(
  { format, json, output: written }: WrittenFormat,
  formats: readonly FormatWord[],
  stdoutIsTerminal: boolean,
): FormatChoice {
  if (json && format !== null && format !== "json") {
    throw new UsageError(`Cannot use --json together with --format ${format}`, {
      hint: "Leave one of them out",
    });
  }
  const asked = json ? "json" : format;
  const output = written === "-" ? null : written;
  const chosen = asked ?? (output === null ? formats[0]!.name : null);
  if (output === null) {
    const isBinary = formats.some(({ name, isBinary }) => name === chosen && isBinary === true);
    if (isBinary && stdoutIsTerminal) {
      throw new UsageError(`Cannot write ${chosen} to a terminal`, {
        hint: 'Name a file with --output, or redirect standard output, as in "> report.bin"',
      });
    }
    return { format: chosen!, output };
  }
  const meant = formatOfName(output, formats);
  if (chosen === null && meant === null) {
    const endings = formats.flatMap(({ endings }) => endings ?? []);
    throw new UsageError(`Cannot tell the format of "${output}" from its name`, {
      hint: `Name it with --format, or let the name end with ${listChoices(endings)}`,
    });
  }
  if (chosen !== null && meant !== null && chosen !== meant) {
    const flag = json ? "--json" : `--format ${chosen}`;
    throw new UsageError(`Cannot use ${flag} for "${output}", which ends as ${meant} does`, {
      hint: "Choose another name, or leave the flag out",
    });
  }
  return { format: chosen ?? meant!, output };
}

function formatOfName(path: string, formats: readonly FormatWord[]): string | null {
  const name = path.toLowerCase();
  const isIt = ({ endings = [] }: FormatWord) => endings.some((ending) => name.endsWith(ending));
  return formats.find(isIt)?.name ?? null;
}
