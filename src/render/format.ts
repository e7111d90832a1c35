/**
 * What an output format is. Each format that the list in `formats.ts` names is one file.
 *
 * @module
 */
import type { ResultRows } from "../query/result_rows.ts";
import type { Answer } from "../reports/answer.ts";
import type { Screen } from "./table.ts";

/** Text, or bytes of a binary format. */
export type Part = string | Uint8Array<ArrayBuffer>;

export interface Format<Parts extends Part = Part> {
  /** The word on the command line. */
  readonly name: string;
  /**
   * Whether the text itself says how much of the answer it shows and how far to trust it. Where it does
   * not, that is said on standard error.
   */
  readonly hasNotes: boolean;
  /** Whether it is nothing for a terminal. Its parts are then bytes. */
  readonly isBinary?: boolean;
  /** What names of files that are written in this format end with. */
  readonly endings: readonly string[];
  /** The answer, part by part as it is computed. */
  readonly render: (answer: Answer, screen: Screen) => AsyncIterable<Parts>;
  /** Rows that are the answer to a user's own query. */
  readonly renderRows: (rows: ResultRows, screen: Screen) => AsyncIterable<Parts>;
}
