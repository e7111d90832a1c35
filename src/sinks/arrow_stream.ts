/**
 * Rows as an Arrow IPC stream (https://arrow.apache.org/docs/format/Columnar.html, "IPC Streaming
 * Format"): one record batch for each column batch, written at once.
 *
 * @module
 */
import {
  AsyncByteQueue,
  Bool,
  type Data,
  type DataType,
  Field,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampNanosecond,
  Uint16,
  Uint32,
  Uint8,
  Utf8,
} from "apache-arrow";
import { BATCH_ROWS, type ColumnBatch } from "../batch/column_batch.ts";
import { COLUMNS, type ColumnType } from "../contract/columns.ts";
import type { RowSink, RowSinkOptions } from "./row_sink.ts";
import type { StagedColumn } from "./segments/staged_column.ts";
import { StagingTable } from "./segments/staging_table.ts";
import { ValidityMasks } from "./segments/validity_masks.ts";

/** Arrow types of the schema's DuckDB types. */
const ARROW_TYPES: Readonly<Record<ColumnType, () => DataType>> = {
  TIMESTAMP_NS: () => new TimestampNanosecond("UTC"),
  VARCHAR: () => new Utf8(),
  UINTEGER: () => new Uint32(),
  USMALLINT: () => new Uint16(),
  UTINYINT: () => new Uint8(),
  BOOLEAN: () => new Bool(),
};

const BITS_PER_BYTE = 8;

/** The metadata becomes that of the stream's schema. */
export interface ArrowStreamOptions extends RowSinkOptions {
  /** Takes the bytes of the stream in order, all of them before it returns. */
  readonly write: (bytes: Uint8Array) => void;
}

/** Collects what the encoder writes, which it does piece by piece. */
class Pieces extends AsyncByteQueue {
  #pieces: Uint8Array[] = [];

  override write(piece: ArrayBufferView): void {
    this.#pieces.push(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
  }

  /** All pieces since the last call, joined. */
  take(): Uint8Array {
    const bytes = new Uint8Array(this.#pieces.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, offset);
      offset += piece.length;
    }
    this.#pieces = [];
    return bytes;
  }
}

/** Encodes batches as they come. The stream begins with its schema, before any packet. */
export class ArrowStream implements RowSink {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #schema: Schema;
  readonly #table: StagingTable;
  readonly #masks = new ValidityMasks(BATCH_ROWS);
  readonly #pieces = new Pieces();
  readonly #writer = new RecordBatchStreamWriter({ autoDestroy: false });
  #rows = 0;
  #writtenBytes = 0;

  constructor(options: ArrowStreamOptions) {
    this.#write = options.write;
    this.#table = new StagingTable(BATCH_ROWS, options.attachments);
    this.#schema = new Schema(
      COLUMNS.map(({ name, type, presence }) =>
        new Field(name, ARROW_TYPES[type](), presence !== 0)
      ),
      new Map(Object.entries(options.metadata)),
    );
    this.#writer.reset(this.#pieces, this.#schema);
    this.#flush();
  }

  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** @throws {BrokenPipe | RunError} as the stream's writer does */
  append(batch: ColumnBatch, rows: number): void {
    this.#table.append(batch, 0, rows);
    this.#masks.build(this.#table.present, 0, rows);
    const children = this.#table.columns.map((column, index) =>
      this.#data(column, this.#schema.fields[index]!.type, rows)
    );
    const struct = makeData({
      type: new Struct(this.#schema.fields),
      length: rows,
      nullCount: 0,
      children,
    });
    this.#writer.write(new RecordBatch(this.#schema, struct));
    this.#rows += rows;
    this.#table.clear();
    this.#flush();
  }

  /** Every batch is written at once: nothing is open. */
  closeSegment(): void {}

  /** @throws {BrokenPipe | RunError} as the stream's writer does */
  finish(): number {
    this.#writer.finish();
    this.#flush();
    return this.#rows;
  }

  /** What is known at the end only finds no place in a stream. */
  complete(): number {
    return this.#writtenBytes;
  }

  [Symbol.dispose](): void {
    this.#writer.close();
  }

  #data(column: StagedColumn, type: DataType, rows: number): Data {
    const mask = this.#masks.mask(column.presence);
    const common = {
      type,
      length: rows,
      ...(mask
        ? { nullBitmap: mask.subarray(0, Math.ceil(rows / BITS_PER_BYTE)) }
        : { nullCount: 0 }),
    };
    if (column.dictionary) {
      const present = (row: number) =>
        column.presence === 0 || (this.#table.present[row]! & column.presence) !== 0;
      return makeData({ ...common, ...texts(column, rows, present) } as never);
    }
    return makeData({ ...common, data: values(column, rows) } as never);
  }

  /** Passes on what the encoder has made. */
  #flush(): void {
    const bytes = this.#pieces.take();
    this.#write(bytes);
    this.#writtenBytes += bytes.length;
  }
}

function values({ type, values }: StagedColumn, rows: number) {
  if (type === "TIMESTAMP_NS") return new BigInt64Array(values.buffer, 0, rows);
  if (type !== "BOOLEAN") return values.subarray(0, rows);
  const bits = new Uint8Array(Math.ceil(rows / BITS_PER_BYTE));
  for (let row = 0; row < rows; row++) {
    if (values[row]) bits[row >> 3]! |= 1 << (row & 7);
  }
  return bits;
}

/** Text of each row, one behind the other, and where each begins. */
function texts(column: StagedColumn, rows: number, present: (row: number) => boolean) {
  const encoder = new TextEncoder();
  const codes = column.values;
  const distinct = column.dictionary!.texts().map((text) => encoder.encode(text));
  const valueOffsets = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    const length = present(row) ? distinct[codes[row]!]!.length : 0;
    valueOffsets[row + 1] = valueOffsets[row]! + length;
  }
  const data = new Uint8Array(valueOffsets[rows]!);
  for (let row = 0; row < rows; row++) {
    if (present(row)) data.set(distinct[codes[row]!]!, valueOffsets[row]!);
  }
  return { valueOffsets, data };
}
