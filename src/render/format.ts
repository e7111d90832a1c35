/**
 * What an output format is. Each format that the list in `formats.ts` names is one file.
 *
 * @module
 */
import type { Answer } from "../reports/answer.ts";
import type { Screen } from "./table.ts";

export interface Format {
  /** The word on the command line. */
  readonly name: string;
  /**
   * Whether the text itself says how much of the answer it shows and how far to trust it. Where it does
   * not, that is said on standard error.
   */
  readonly hasNotes: boolean;
  /** The answer as text, part by part as it is computed. */
  readonly render: (answer: Answer, screen: Screen) => AsyncIterable<string>;
}
