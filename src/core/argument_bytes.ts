/**
 * Arguments that cannot be taken for what was meant. A string holds text, a file name any bytes: Deno
 * gives U+FFFD for bytes that are no UTF-8, and that would be another file.
 *
 * @module
 */
import { UsageError } from "./errors.ts";

/** What stands in a string for bytes that are no UTF-8. */
const REPLACEMENT = "\ufffd";

/**
 * Makes sure that arguments are what the user wrote.
 *
 * @param args as Deno gives them
 * @param commandLine bytes of all arguments, a NUL behind each, as in `/proc/self/cmdline`
 * @throws {UsageError} if one of them is not UTF-8
 */
export function checkArgumentBytes(
  args: readonly string[],
  commandLine: () => Uint8Array,
): void {
  const suspect = args.find((arg) => arg.includes(REPLACEMENT));
  // Whoever writes that character means it.
  if (suspect === undefined || isUtf8(commandLine())) return;
  throw new UsageError(`Cannot use "${suspect}": it is not UTF-8`, {
    hint:
      "Write it in UTF-8; rename a file of such a name, or reach it through a link with another",
  });
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
