/**
 * What is wrong with inputs, and which of it ends everything.
 *
 * @module
 */
import { RunError } from "../core/errors.ts";
import type { InputFile } from "./input_files.ts";

/** What is wrong with each file that is left out. */
export type Faults = Map<InputFile, RunError>;

/** Runs a check. Its fault ends everything for a named file, and is remembered for a found one. */
export async function passes(
  input: InputFile,
  faults: Faults,
  check: () => Promise<void> | void,
): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (input.named || !(error instanceof RunError)) throw error;
    faults.set(input, error);
  }
}
