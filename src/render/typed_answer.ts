/**
 * The rows of an answer with their types.
 *
 * @module
 */
import type { TypedRows } from "../query/typed_rows.ts";
import type { Answer } from "../reports/answer.ts";

/** Of a summary the one row: its sections are reports of their own. */
export function typedRowsOf(answer: Answer): TypedRows {
  return answer.kind === "table" ? answer.section.typed() : answer.typed();
}
