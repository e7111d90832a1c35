/**
 * What the command line of `diff` asks for.
 *
 * @module
 */
import type { Selection } from "../query/selection.ts";
import type { Choices } from "../reports/report.ts";

export interface DiffOptions {
  /** A file, glob or directory on either side, as written by the user. */
  readonly sides: readonly [string, string];
  readonly selection: Selection;
  /** What is compared, in the words of `top`; null = hosts, conversations and server ports. */
  readonly by: Choices | null;
  /** Rows of each kind; 0 = all. */
  readonly limit: number;
  /** Name of the format. */
  readonly format: string;
  /** Whether something new ends the command with 1. */
  readonly exitCode: boolean;
  /** File that the answer goes to; null = standard output. */
  readonly output: string | null;
  readonly force: boolean;
  /** Longest time in milliseconds; 0 = no limit, null = the default. */
  readonly timeoutMs: number | null;
}
