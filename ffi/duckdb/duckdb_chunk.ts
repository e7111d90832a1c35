/**
 * A chunk of rows that DuckDB asks for, to be filled column by column.
 *
 * @module
 */

import type { DuckdbLibrary } from "./load_duckdb.ts";
import { libc } from "../linux/load_libc.ts";

/** Valid only while the {@linkcode TableRows} is asked to fill it. */
export class DuckdbChunk {
  readonly #library: DuckdbLibrary;
  readonly #pointer: Deno.PointerValue;

  constructor(library: DuckdbLibrary, pointer: Deno.PointerValue) {
    this.#library = library;
    this.#pointer = pointer;
  }

  /**
   * Copies values into a column, from its first row on.
   *
   * @param column number of the column, from 0
   * @param values in DuckDB's representation, host byte order, no more than a chunk has rows: an ENUM
   *   as codes of the width that its type has, a TIMESTAMP_NS as 64-bit nanoseconds since 1970, a
   *   BOOLEAN as a byte, 0 or 1
   */
  setValues(column: number, values: Uint8Array<ArrayBuffer>): void {
    const data = this.#library.duckdb_vector_get_data(this.#vector(column));
    libc().memcpy(data, values, BigInt(values.byteLength));
  }

  /**
   * Says which rows of a column have a value. All have, if this is not called.
   *
   * @param mask bit `i` is set when row `i` has one, in 64-bit words, host byte order (duckdb:
   *   src/include/duckdb/common/types/validity_mask.hpp)
   */
  setValidity(column: number, mask: Uint8Array<ArrayBuffer>): void {
    const vector = this.#vector(column);
    this.#library.duckdb_vector_ensure_validity_writable(vector);
    const words = this.#library.duckdb_vector_get_validity(vector);
    libc().memcpy(words, mask, BigInt(mask.byteLength));
  }

  #vector(column: number): Deno.PointerValue {
    return this.#library.duckdb_data_chunk_get_vector(this.#pointer, BigInt(column));
  }
}
