/**
 * Typed rows as an Arrow IPC stream (https://arrow.apache.org/docs/format/Columnar.html, "IPC
 * Streaming Format").
 *
 * @module
 */
import {
  AsyncByteQueue,
  Field,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
} from "apache-arrow";
import type { DuckDBDataChunk, DuckDBValue } from "@duckdb/node-api";
import { arrowData, arrowType } from "./arrow_columns.ts";
import type { ResultColumn } from "./session.ts";
import type { TypedRows } from "./typed_rows.ts";

/** Rows of a record batch, at least, but for the last; DuckDB's chunks have at most 2,048. */
const BATCH_ROWS = 16_384;

/** The stream, part by part: its schema, which comes whatever the rows are, then batches of rows. */
export async function* arrowStream(rows: TypedRows): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const pieces = new Pieces();
  const writer = new RecordBatchStreamWriter({ autoDestroy: false });
  let batch: Batch | undefined;
  for await (const { columns, chunk } of rows.chunks()) {
    if (batch === undefined) {
      batch = new Batch(columns);
      writer.reset(pieces, batch.schema);
    }
    if (chunk !== null) batch.append(chunk);
    if (batch.rows >= BATCH_ROWS) writer.write(batch.take());
    yield* pieces.take();
  }
  if (batch !== undefined && batch.rows > 0) writer.write(batch.take());
  writer.finish();
  yield* pieces.take();
}

/** Rows that wait for their record batch. */
class Batch {
  readonly schema: Schema;
  readonly #columns: readonly ResultColumn[];
  #values: DuckDBValue[][];
  rows = 0;

  constructor(columns: readonly ResultColumn[]) {
    this.#columns = columns;
    this.schema = new Schema(
      columns.map(({ name, type }) => new Field(name, arrowType(type), true)),
    );
    this.#values = columns.map(() => []);
  }

  append(chunk: DuckDBDataChunk): void {
    chunk.getColumns().forEach((values, index) => {
      const column = this.#values[index]!;
      for (const value of values) column.push(value);
    });
    this.rows += chunk.rowCount;
  }

  /** The rows since the last call. */
  take(): RecordBatch {
    const children = this.#columns.map(({ type }, index) => {
      return arrowData(this.schema.fields[index]!.type, type, this.#values[index]!);
    });
    const type = new Struct(this.schema.fields);
    const data = makeData({ type, length: this.rows, nullCount: 0, children });
    this.#values = this.#columns.map(() => []);
    this.rows = 0;
    return new RecordBatch(this.schema, data);
  }
}

/** Collects what the encoder writes, which it does piece by piece. */
class Pieces extends AsyncByteQueue {
  #pieces: Uint8Array<ArrayBuffer>[] = [];

  override write(piece: ArrayBufferView): void {
    // The encoder may use the memory again.
    this.#pieces.push(
      new Uint8Array(piece.buffer as ArrayBuffer, piece.byteOffset, piece.byteLength).slice(),
    );
  }

  /** The pieces since the last call. */
  take(): Uint8Array<ArrayBuffer>[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces.filter(({ length }) => length > 0);
  }
}
