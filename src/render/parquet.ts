/**
 * The format `parquet`: a Parquet file with the types of the report. A summary is its one row.
 *
 * @module
 */
import type { Answer } from "../reports/answer.ts";
import type { Format } from "./format.ts";
import { typedRowsOf } from "./typed_answer.ts";

export const PARQUET: Format = {
  name: "parquet",
  hasNotes: false,
  isBinary: true,
  endings: [".parquet"],
  async *render(answer: Answer) {
    yield* typedRowsOf(answer).parquet();
  },
  renderRows: (rows) => rows.typed().parquet(),
};
