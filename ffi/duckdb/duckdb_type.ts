/**
 * The types of columns that DuckDB reads from us.
 *
 * @module
 */

import type { DuckdbLibrary } from "./load_duckdb.ts";
import { Handle } from "../linux/native_handle.ts";
import { addressOf, allocate, closedError, withPinned } from "../linux/native_memory.ts";

/** `enum DUCKDB_TYPE` of `duckdb.h`: those that are used. */
export const DUCKDB_TYPE = {
  BOOLEAN: 1,
  UTINYINT: 6,
  USMALLINT: 7,
  UINTEGER: 8,
  VARCHAR: 17,
  TIMESTAMP_NS: 22,
} as const;

export type DuckdbTypeName = keyof typeof DUCKDB_TYPE;

const POINTER_BYTES = 8;

/** Owner of a type. DuckDB copies what it needs of it when a statement asks for it. */
export class DuckdbType implements Disposable {
  readonly #library: DuckdbLibrary;
  #pointer: Deno.PointerValue;

  private constructor(library: DuckdbLibrary, pointer: Deno.PointerValue) {
    this.#library = library;
    this.#pointer = pointer;
  }

  static plain(library: DuckdbLibrary, name: DuckdbTypeName): DuckdbType {
    return new DuckdbType(library, library.duckdb_create_logical_type(DUCKDB_TYPE[name]));
  }

  /**
   * An ENUM.
   *
   * @param texts values in order of their codes: at least one, distinct, without NUL
   */
  static enumOf(library: DuckdbLibrary, texts: readonly string[]): DuckdbType {
    const bytes = new TextEncoder().encode(texts.join("\0") + "\0");
    const memory = allocate(bytes.length);
    memory.set(bytes);
    const starts = new BigUint64Array(new ArrayBuffer(POINTER_BYTES * texts.length));
    const base = addressOf(memory);
    for (let index = 0, start = 0; index < texts.length; index++) {
      starts[index] = base + BigInt(start);
      start = memory.indexOf(0, start) + 1;
    }
    const pointer = withPinned(
      [memory, starts],
      () => library.duckdb_create_enum_type(starts, BigInt(texts.length)),
    );
    return new DuckdbType(library, pointer);
  }

  /** @internal Valid until the type is disposed of. */
  get pointer(): Deno.PointerValue {
    if (this.#pointer === null) throw closedError("DuckdbType");
    return this.#pointer;
  }

  /** Whether codes of this ENUM are bytes; they are of two or four bytes otherwise. */
  get hasByteCodes(): boolean {
    return this.#library.duckdb_enum_internal_type(this.pointer) === DUCKDB_TYPE.UTINYINT;
  }

  /** Gives the memory of the type back. Idempotent. */
  [Symbol.dispose](): void {
    if (this.#pointer === null) return;
    const handle = new Handle(this.#pointer);
    this.#pointer = null;
    this.#library.duckdb_destroy_logical_type(handle.memory);
  }
}
