/**
 * One column of the open segment. As long as all its rows hold the same value, as those of most columns
 * do, they are not copied: the value is kept once.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { ColumnBatch } from "../../batch/column_batch.ts";
import type { ColumnName, ColumnType } from "../../contract/columns.ts";
import type { TextDictionary } from "./address_dictionary.ts";

export type Values = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** Where the values of a column come from. */
export interface ColumnFiller {
  /** Columns of the batch that decide about the value of a row. */
  readonly inputs: readonly (keyof ColumnBatch)[];
  /** Writes the values of `rows` rows, the first one at `offset`. */
  fill(batch: ColumnBatch, first: number, rows: number, values: Values, offset: number): void;
}

/** What a column is, and where it comes from. */
export interface ColumnPlan {
  readonly name: ColumnName;
  readonly type: ColumnType;
  /** Bit of `present` that says the value is there; 0 = in every row. */
  readonly presence: number;
  /** Distinct values of a text column; null for any other one. */
  readonly dictionary: TextDictionary | null;
  readonly filler: ColumnFiller;
}

/** A timestamp is two words. */
const TIMESTAMP_WORDS = 2;

/** The rows of one column. */
export class StagedColumn {
  readonly name: ColumnName;
  readonly type: ColumnType;
  readonly presence: number;
  readonly dictionary: TextDictionary | null;
  /** Columns of the batch that decide about the value of a row. */
  readonly inputs: readonly (keyof ColumnBatch)[];
  readonly #filler: ColumnFiller;
  readonly #values: Values;
  #rows = 0;
  /** Elements of a row. */
  readonly #width: number;
  /** Whether only the first element of `#values` is set, for all rows: for rows of one element. */
  #isRun: boolean;

  constructor(plan: ColumnPlan, capacity: number) {
    this.name = plan.name;
    this.type = plan.type;
    this.presence = plan.presence;
    this.dictionary = plan.dictionary;
    this.inputs = plan.filler.inputs;
    this.#filler = plan.filler;
    this.#width = plan.type === "TIMESTAMP_NS" ? TIMESTAMP_WORDS : 1;
    this.#isRun = this.#width === 1;
    this.#values = allocate(plan.type, capacity);
  }

  /**
   * Values of the rows in DuckDB's representation, or the codes of a text column; 0 or any code where
   * there is no value. Valid until the next `append`.
   */
  get values(): Values {
    this.#spell();
    return this.#values;
  }

  /** Bytes of one row in `values`. */
  get rowBytes(): number {
    return this.#width * this.#values.BYTES_PER_ELEMENT;
  }

  /**
   * The element of `values` that all rows hold, whether they have a value or not; undefined if they
   * differ, or there are no rows.
   */
  get only(): number | undefined {
    if (this.#rows === 0 || this.#width > 1) return undefined;
    return this.#isRun || isUniform(this.#values, 0, this.#rows) ? this.#values[0]! : undefined;
  }

  /**
   * Takes rows of a batch.
   *
   * @param uniform whether each input has the same value in all these rows
   */
  append(batch: ColumnBatch, first: number, rows: number, uniform: boolean): void {
    const isRun = uniform && this.#width === 1;
    const offset = this.#rows;
    const values = this.#values;
    this.#filler.fill(batch, first, isRun ? 1 : rows, values, offset);
    const continues = isRun && this.#isRun && (offset === 0 || values[offset] === values[0]);
    if (!continues) {
      this.#spell();
      if (isRun) values.fill(values[offset]!, offset, offset + rows);
    }
    this.#rows = offset + rows;
  }

  /** Forgets the rows. */
  clear(): void {
    this.#rows = 0;
    this.#isRun = this.#width === 1;
    this.dictionary?.clear();
  }

  /** Writes the value of a run into every row. */
  #spell(): void {
    if (this.#isRun && this.#rows > 0) this.#values.fill(this.#values[0]!, 0, this.#rows);
    this.#isRun = false;
  }
}

/**
 * Whether rows of a column have equal values.
 *
 * @param width elements of a row
 */
export function isUniform(
  values: Uint8Array | Uint16Array | Uint32Array,
  first: number,
  rows: number,
  width = 1,
): boolean {
  const stride = width * values.BYTES_PER_ELEMENT;
  const bytes = Buffer.from(values.buffer, values.byteOffset + first * stride, rows * stride);
  // They are, if they are equal to their own neighbours: one comparison of memory.
  return bytes.subarray(stride).equals(bytes.subarray(0, -stride));
}

function allocate(type: ColumnType, rows: number): Values {
  switch (type) {
    case "TIMESTAMP_NS":
      return new Uint32Array(TIMESTAMP_WORDS * rows);
    case "UINTEGER":
      return new Uint32Array(rows);
    case "USMALLINT":
    case "VARCHAR": // codes
      return new Uint16Array(rows);
    case "UTINYINT":
    case "BOOLEAN":
      return new Uint8Array(rows);
  }
}
