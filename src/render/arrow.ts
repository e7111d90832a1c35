/**
 * The format `arrow`: an Arrow IPC stream (https://arrow.apache.org/docs/format/Columnar.html, "IPC
 * Streaming Format"), as `record -o -` writes. A summary is its one row.
 *
 * @module
 */
import type { Answer } from "../reports/answer.ts";
import type { Format } from "./format.ts";
import { typedRowsOf } from "./typed_answer.ts";

export const ARROW: Format = {
  name: "arrow",
  hasNotes: false,
  isBinary: true,
  endings: [".arrow", ".arrows"],
  async *render(answer: Answer) {
    const { arrowStream } = await import("../query/arrow_stream.ts");
    yield* arrowStream(typedRowsOf(answer));
  },
  async *renderRows(rows) {
    const { arrowStream } = await import("../query/arrow_stream.ts");
    yield* arrowStream(rows.typed());
  },
};
