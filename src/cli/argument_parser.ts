/**
 * Takes a command line apart. The only file that knows the parser: the runtime's own, `parseArgs`.
 *
 * @module
 */
import { parseArgs } from "node:util";

/** A flag as it was written. */
export interface WrittenFlag {
  readonly kind: "flag";
  /** As written: `-i`, `--interface`; one at a time where several share a hyphen. */
  readonly spelling: string;
  /** Undefined if there is none. */
  readonly value: string | undefined;
  /** Whether the value stands in the same word: `-n5`, `--limit=5`. */
  readonly isAttached: boolean;
}

/** A word without a flag. */
export interface WrittenWord {
  readonly kind: "word";
  readonly text: string;
  /** Its place among the arguments. */
  readonly index: number;
  /** Whether it stands behind `--`. */
  readonly isBehind: boolean;
}

/**
 * Finds flags, their values, and the words between them. Behind `--` all are words. A flag that
 * takes a value takes the next argument, whatever it looks like. SQL that begins with a comment is a word.
 *
 * @param takesValue for each spelling of each flag whether it takes a value; other flags take none
 */
export function parseArguments(
  args: readonly string[],
  takesValue: ReadonlyMap<string, boolean>,
): (WrittenFlag | WrittenWord)[] {
  const words = args.map((argument) => isStatement(argument, takesValue));
  const { tokens } = parseArgs({
    // What stands there is put back below.
    args: args.map((argument, index) => words[index] ? "statement" : argument),
    options: Object.fromEntries(
      [...takesValue].map(([spelling, value]) => [
        spelling.replace(/^-+/, ""),
        { type: value ? "string" as const : "boolean" as const },
      ]),
    ),
    // What is unknown, and what lacks a value, is reported in this program's own words.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const end = tokens.find(({ kind }) => kind === "option-terminator")?.index ?? Infinity;
  return tokens.flatMap((token): (WrittenFlag | WrittenWord)[] => {
    const { index } = token;
    if (token.kind === "positional") {
      return [{ kind: "word", text: args[index]!, index, isBehind: index > end }];
    }
    if (token.kind === "option-terminator") return [];
    const { rawName, inlineValue } = token;
    const value = inlineValue === false ? args[index + 1] : token.value;
    return [{ kind: "flag", spelling: rawName, value, isAttached: inlineValue === true }];
  });
}

/** Whether an argument is SQL that begins with a comment: no flag has a space or several lines. */
function isStatement(argument: string, known: ReadonlyMap<string, boolean>): boolean {
  if (/^--\s/.test(argument)) return true;
  const [spelling = ""] = argument.split("=", 1);
  return argument.startsWith("--") && argument.includes("\n") && !known.has(spelling);
}
