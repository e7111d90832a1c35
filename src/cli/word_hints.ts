/**
 * What to do with words that a command of flags does not take.
 *
 * @module
 */
import { PROGRAM_NAME } from "../core/version.ts";
import { isWord } from "../filter/words.ts";

/** Commands that take a filter behind their flags. */
const FILTERING: readonly string[] = ["record", "live"];

/** The flag for which the first of `words` was probably meant. */
export function flagForWord(command: string, words: readonly string[]): string {
  const [first = ""] = words;
  const [start = ""] = first.split(/[\s[]/, 1);
  if (!FILTERING.includes(command) && isWord(start)) return 'Write the filter behind "record"';
  return first.endsWith(".parquet")
    ? `Name the file with -o: "${PROGRAM_NAME} ${command} -o ${first}"`
    : `Name an interface with -i: "${PROGRAM_NAME} ${command} -i ${first}"`;
}
