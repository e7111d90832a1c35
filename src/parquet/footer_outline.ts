/**
 * What has to be known of a footer before anything trusts it, in one pass that makes no object for a
 * column chunk: a file may come from anywhere, and its footer may be many megabytes. Field ids are those
 * of apache/parquet-format: src/main/thrift/parquet.thrift.
 *
 * @module
 */
import { ThriftCursor, WIRE } from "./thrift_cursor.ts";

/** Most row groups of a file: `RowGroup.ordinal` has 16 bits with a sign. */
const MAX_ROW_GROUPS = 32_767;

/** More than any value of a recording takes: an address has 45 letters, and a length before them. */
export const VALUE_BYTES = 64;

/** The column whose range is told. */
const TIME_COLUMN = "timestamp";
/** The column whose values are counted. */
const ADDRESS_COLUMN = "source_ip";

/** Windows-1252 by name, one character for each byte in fact. */
const LATIN1 = new TextDecoder("latin1");

/** Bytes of the magic number that data begins behind. */
const MAGIC_BYTES = 4;

/** A column of a flat schema, or the head of a nested one. */
export interface OutlineColumn {
  readonly name: string;
  /** Index among the columns that have data; null for a nested column. */
  readonly leaf: number | null;
}

/** Values of a column of 64-bit integers. */
export interface TimeRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** A footer in short. */
export interface FooterOutline {
  /** Packets that the file has by all of its row groups. */
  readonly rows: number;
  /** Columns of the first level, in order. */
  readonly columns: readonly OutlineColumn[];
  /** Bytes of the schema, a character each: equal in two footers only if their schemas are. */
  readonly schema: string;
  readonly metadata: ReadonlyMap<string, string>;
  /** Smallest and largest value of the column {@linkcode TIME_COLUMN}; null if a row group does not say. */
  readonly times: TimeRange | null;
  /** Rows in which the column {@linkcode ADDRESS_COLUMN} is not NULL; null if a row group does not say. */
  readonly addresses: number | null;
  /**
   * Bytes of the largest column chunk of each leaf, not compressed, beyond {@linkcode VALUE_BYTES} for
   * each of its values; negative if it stays below.
   */
  readonly excess: readonly number[];
  /** Whether each column chunk of a leaf, by leaf, begins with a dictionary of its values. */
  readonly dictionaries: readonly boolean[];
}

interface SchemaElement {
  readonly name: string;
  readonly children: number;
}

/**
 * Reads a footer.
 *
 * @param bytes the footer's structure, without length and magic number
 * @param dataEnd position in the file where the footer begins
 * @throws {RangeError} if it is damaged, has too many row groups, or data that belongs to two columns
 */
export function outlineFooter(bytes: Uint8Array, dataEnd: number): FooterOutline {
  const cursor = new ThriftCursor(bytes);
  const elements: SchemaElement[] = [];
  const metadata = new Map<string, string>();
  const chunks = new ChunkPlaces(dataEnd);
  const statistics = new Statistics();
  let schema = "";
  let rows = -1;
  let rowsOfGroups = 0;
  cursor.struct((id, type) => {
    if (id === 2 && type === WIRE.LIST) {
      const start = cursor.position;
      cursor.structs(() => void elements.push(readSchemaElement(cursor)));
      schema = LATIN1.decode(bytes.subarray(start, cursor.position));
      statistics.find(topLevel(elements));
    } else if (id === 3 && type === WIRE.I64) rows = cursor.integer();
    else if (id === 4 && type === WIRE.LIST) {
      const count = cursor.structs(
        () => rowsOfGroups += readRowGroup(cursor, chunks, statistics),
        MAX_ROW_GROUPS,
      );
      if (count < 0) throw new RangeError(`it has more than ${MAX_ROW_GROUPS} row groups`);
    } else if (id === 5 && type === WIRE.LIST) cursor.structs(() => readPair(cursor, metadata));
    else cursor.skip(type);
  });
  if (elements.length === 0) throw new RangeError("its footer has no schema");
  if (rows !== rowsOfGroups) {
    throw new RangeError("its row groups have other rows than its footer says");
  }
  chunks.check();
  const columns = topLevel(elements);
  const { times, addresses } = statistics;
  const { excess, dictionaries } = chunks;
  return { rows, columns, schema, metadata, times, addresses, excess, dictionaries };
}

function readSchemaElement(cursor: ThriftCursor): SchemaElement {
  let name = "";
  let children = 0;
  cursor.struct((id, type) => {
    if (id === 4 && type === WIRE.BINARY) name = cursor.text();
    else if (id === 5 && type === WIRE.I32) children = cursor.integer();
    else cursor.skip(type);
  });
  return { name, children };
}

function readPair(cursor: ThriftCursor, metadata: Map<string, string>): void {
  let key = "";
  let value = "";
  cursor.struct((id, type) => {
    if (id === 1 && type === WIRE.BINARY) key = cursor.text();
    else if (id === 2 && type === WIRE.BINARY) value = cursor.text();
    else cursor.skip(type);
  });
  metadata.set(key, value);
}

/** @returns its rows */
function readRowGroup(
  cursor: ThriftCursor,
  chunks: ChunkPlaces,
  statistics: Statistics,
): number {
  let rows = -1;
  let leaf = 0;
  cursor.struct((id, type) => {
    if (id === 1 && type === WIRE.LIST) {
      cursor.structs(() => readColumnChunk(cursor, chunks, leaf++, statistics));
    } else if (id === 3 && type === WIRE.I64) rows = cursor.integer();
    else cursor.skip(type);
  });
  if (rows < 0) throw new RangeError("a row group has no number of rows");
  statistics.endRowGroup(rows);
  return rows;
}

function readColumnChunk(
  cursor: ThriftCursor,
  chunks: ChunkPlaces,
  leaf: number,
  statistics: Statistics,
): void {
  let values = 0;
  let plainBytes = 0;
  let length = -1;
  let data = -1;
  let dictionary = 0;
  cursor.struct((id, type) => {
    if (id === 1 && type === WIRE.BINARY) throw new RangeError("its data is in another file");
    if (id !== 3 || type !== WIRE.STRUCT) return cursor.skip(type);
    cursor.struct((inner, innerType) => {
      if (inner === 12 && innerType === WIRE.STRUCT && statistics.isOf(leaf)) {
        return statistics.read(cursor, leaf);
      }
      if (innerType !== WIRE.I64) return cursor.skip(innerType);
      const value = cursor.integer();
      if (inner === 5) values = value;
      else if (inner === 6) plainBytes = value;
      else if (inner === 7) length = value;
      else if (inner === 9) data = value;
      else if (inner === 11) dictionary = value;
    });
  });
  if (data < 0 || length < 0) throw new RangeError("a column has no place in the file");
  // A position of 0 is what writers put where they give none.
  const hasDictionary = dictionary > 0 && dictionary < data;
  chunks.add(hasDictionary ? dictionary : data, length);
  chunks.dictionaries[leaf] = hasDictionary && (chunks.dictionaries[leaf] ?? true);
  const excess = plainBytes - VALUE_BYTES * values;
  chunks.excess[leaf] = Math.max(chunks.excess[leaf] ?? excess, excess);
}

/** Columns of the first level. The schema is a tree, depth first, with its root in front. */
function topLevel(elements: readonly SchemaElement[]): OutlineColumn[] {
  const columns: OutlineColumn[] = [];
  let leaf = 0;
  for (let index = 1; index < elements.length;) {
    const { name, children } = elements[index]!;
    columns.push({ name, leaf: children > 0 ? null : leaf });
    for (let open = 1; open > 0 && index < elements.length; index++) {
      const inner = elements[index]!.children;
      open += inner - 1;
      if (inner === 0) leaf++;
    }
  }
  return columns;
}

/** What the row groups say of some columns. */
class Statistics {
  /** The columns among those that have data; null = there is none. */
  #timeLeaf: number | null = null;
  #addressLeaf: number | null = null;
  /** Of the row group that is read. */
  #groupTimes: TimeRange | null = null;
  #groupNulls = -1;
  #times: TimeRange | null = null;
  #addresses = 0;
  #knowsTimes = true;
  #knowsAddresses = true;

  /** Finds the columns. A footer that has its row groups before its schema has no statistics. */
  find(columns: readonly OutlineColumn[]): void {
    const leafOf = (wanted: string) => columns.find(({ name }) => name === wanted)?.leaf ?? null;
    this.#timeLeaf = leafOf(TIME_COLUMN);
    this.#addressLeaf = leafOf(ADDRESS_COLUMN);
  }

  isOf(leaf: number): boolean {
    return leaf === this.#timeLeaf || leaf === this.#addressLeaf;
  }

  /** Reads the structure `Statistics` of a column chunk. */
  read(cursor: ThriftCursor, leaf: number): void {
    let first: bigint | null = null;
    let last: bigint | null = null;
    let nulls = -1;
    cursor.struct((id, type) => {
      if (id === 3 && type === WIRE.I64) nulls = cursor.integer();
      else if ((id === 5 || id === 6) && type === WIRE.BINARY && leaf === this.#timeLeaf) {
        const value = int64(cursor.bytes());
        if (id === 5) last = value;
        else first = value;
      } else cursor.skip(type);
    });
    if (leaf === this.#addressLeaf) this.#groupNulls = nulls;
    else this.#groupTimes = first === null || last === null ? null : { first, last };
  }

  endRowGroup(rows: number): void {
    const [times, nulls] = [this.#groupTimes, this.#groupNulls];
    this.#groupTimes = null;
    this.#groupNulls = -1;
    if (rows === 0) return;
    if (nulls < 0 || nulls > rows) this.#knowsAddresses = false;
    else this.#addresses += rows - nulls;
    if (times === null) this.#knowsTimes = false;
    else this.#times = this.#times === null ? times : union(this.#times, times);
  }

  get times(): TimeRange | null {
    return this.#knowsTimes ? this.#times : null;
  }

  get addresses(): number | null {
    return this.#knowsAddresses ? this.#addresses : null;
  }
}

/** The time from the earlier beginning to the later end. */
export function union(one: TimeRange, other: TimeRange): TimeRange {
  return {
    first: one.first < other.first ? one.first : other.first,
    last: one.last > other.last ? one.last : other.last,
  };
}

/** Plain encoding of INT64 (apache/parquet-format: Encodings.md). */
function int64(bytes: Uint8Array): bigint | null {
  if (bytes.length !== 8) return null;
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true);
}

/** Where the data of each column chunk lies. Nobody may own a byte twice. */
class ChunkPlaces {
  readonly excess: number[] = [];
  readonly dictionaries: boolean[] = [];
  readonly #dataEnd: number;
  readonly #places: { start: number; end: number }[] = [];
  #last = MAGIC_BYTES;
  #isAscending = true;

  constructor(dataEnd: number) {
    this.#dataEnd = dataEnd;
  }

  add(start: number, length: number): void {
    const end = start + length;
    if (start < MAGIC_BYTES || end > this.#dataEnd) {
      throw new RangeError("a column lies outside of the file's data");
    }
    if (start < this.#last) this.#isAscending = false;
    this.#last = end;
    this.#places.push({ start, end });
  }

  check(): void {
    if (this.#isAscending) return;
    this.#places.sort((one, other) => one.start - other.start || one.end - other.end);
    let last = MAGIC_BYTES;
    for (const { start, end } of this.#places) {
      if (start < last) throw new RangeError("the data of its columns overlaps");
      last = end;
    }
  }
}
