/**
 * The footer of a Parquet file and what of it depends on where the data lies. Field ids are those of
 * apache/parquet-format: src/main/thrift/parquet.thrift; layout of the file: its README.md.
 *
 * @module
 */
import { varint } from "./column_chunk.ts";
import {
  readThriftStruct,
  type ThriftFieldName,
  type ThriftStruct,
  type ThriftValue,
  writeThriftStruct,
} from "./thrift_compact.ts";

/** First and last bytes of a file. */
export const PARQUET_MAGIC = new TextEncoder().encode("PAR1");

/** Whether bytes are the magic number. */
export function isParquetMagic(bytes: Uint8Array): boolean {
  return bytes.length === PARQUET_MAGIC.length &&
    PARQUET_MAGIC.every((byte, index) => byte === bytes[index]);
}

/** Length of the footer, and the magic number behind it. */
export const FOOTER_TAIL_BYTES = 4 + PARQUET_MAGIC.length;

const FILE_METADATA = {
  SCHEMA: "field_2",
  NUM_ROWS: "field_3",
  ROW_GROUPS: "field_4",
  KEY_VALUE_METADATA: "field_5",
  CREATED_BY: "field_6",
  COLUMN_ORDERS: "field_7",
  ENCRYPTION_ALGORITHM: "field_8",
} as const;
const SCHEMA_ELEMENT = { NUM_CHILDREN: "field_5" } as const;
const ROW_GROUP = {
  COLUMNS: "field_1",
  TOTAL_BYTE_SIZE: "field_2",
  NUM_ROWS: "field_3",
  FILE_OFFSET: "field_5",
  TOTAL_COMPRESSED_SIZE: "field_6",
  ORDINAL: "field_7",
} as const;
const COLUMN_CHUNK = {
  FILE_OFFSET: "field_2",
  META_DATA: "field_3",
  OFFSET_INDEX_OFFSET: "field_4",
  OFFSET_INDEX_LENGTH: "field_5",
  COLUMN_INDEX_OFFSET: "field_6",
  COLUMN_INDEX_LENGTH: "field_7",
} as const;
const COLUMN_METADATA = {
  DATA_PAGE_OFFSET: "field_9",
  INDEX_PAGE_OFFSET: "field_10",
  DICTIONARY_PAGE_OFFSET: "field_11",
  BLOOM_FILTER_OFFSET: "field_14",
} as const;

/** What joining needs of a footer. */
export interface ParquetFooter {
  readonly rows: bigint;
  readonly rowGroups: readonly ThriftStruct[];
  /** Everything else, without rows and row groups. */
  readonly rest: ThriftStruct;
}

/**
 * Reads a footer.
 *
 * @param bytes the footer's structure, without length and magic number
 * @throws {RangeError} if it is damaged or encrypted
 */
export function readFooter(bytes: Uint8Array): ParquetFooter {
  const footer = readThriftStruct(bytes);
  const { NUM_ROWS, ROW_GROUPS, ENCRYPTION_ALGORITHM } = FILE_METADATA;
  const { [NUM_ROWS]: rows, [ROW_GROUPS]: rowGroups, ...rest } = footer;
  if (typeof rows !== "bigint" || !rowGroups) throw new RangeError("the footer is incomplete");
  if (rest[ENCRYPTION_ALGORITHM]) throw new RangeError("the file is encrypted");
  return { rows, rowGroups: rowGroups as ThriftStruct[], rest };
}

/** Bytes that are equal in two footers exactly if the files have the same schema. */
export function schemaBytes(footer: ParquetFooter): Uint8Array {
  const { SCHEMA, COLUMN_ORDERS } = FILE_METADATA;
  const { [SCHEMA]: schema, [COLUMN_ORDERS]: orders } = footer.rest;
  return writeThriftStruct({ [SCHEMA]: schema, [COLUMN_ORDERS]: orders });
}

/** Whether two files have the same schema, by their {@linkcode schemaBytes}. */
export function isSameSchema(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Rows of a row group. */
export function rowsOf(rowGroup: ThriftStruct): number {
  return Number(rowGroup[ROW_GROUP.NUM_ROWS]);
}

/**
 * {@linkcode ParquetFooter.rest} with further columns in a flat schema.
 *
 * @param added `SchemaElement` of each column that is added; null for each that is there, in order
 */
export function addSchemaElements(
  rest: ThriftStruct,
  added: readonly (ThriftStruct | null)[],
): ThriftStruct {
  const { SCHEMA, COLUMN_ORDERS } = FILE_METADATA;
  const [root, ...present] = rest[SCHEMA] as ThriftStruct[];
  const orders = rest[COLUMN_ORDERS] as ThriftStruct[] | undefined;
  return {
    ...rest,
    [SCHEMA]: [
      { ...root, [SCHEMA_ELEMENT.NUM_CHILDREN]: added.length },
      ...fillIn(added, present),
    ],
    // One for each column, all of them alike: values are ordered as their type is.
    [COLUMN_ORDERS]: orders && added.map(() => orders[0]!),
  };
}

/**
 * A row group with further columns.
 *
 * @param added `ColumnChunk` of each column that is added; null for each that is there, in order
 * @param plainBytes size of what is added, if it were not compressed
 * @param bytes its size
 */
export function addColumnChunks(
  rowGroup: ThriftStruct,
  added: readonly (ThriftStruct | null)[],
  plainBytes: number,
  bytes: number,
): ThriftStruct {
  const { COLUMNS, TOTAL_BYTE_SIZE, TOTAL_COMPRESSED_SIZE } = ROW_GROUP;
  const columns = fillIn(added, rowGroup[COLUMNS] as ThriftStruct[]);
  const larger = shiftFields(rowGroup, BigInt(plainBytes), TOTAL_BYTE_SIZE);
  return {
    ...shiftFields(larger, BigInt(bytes), TOTAL_COMPRESSED_SIZE),
    [COLUMNS]: columns,
  };
}

/** `present` in the places that `added` leaves free. */
function fillIn(
  added: readonly (ThriftStruct | null)[],
  present: readonly ThriftStruct[],
): ThriftStruct[] {
  let next = 0;
  const filled = added.map((element) => element ?? present[next++]!);
  if (next !== present.length) throw new RangeError("the columns are not those of the schema");
  return filled;
}

/**
 * A row group whose data was moved.
 *
 * Its place among the row groups and references to a page index, all of them optional, are dropped: the
 * index holds absolute positions itself, and readers do without (PageIndex.md). DuckDB writes neither.
 *
 * @param shift bytes by which the data moved
 */
export function moveRowGroup(rowGroup: ThriftStruct, shift: bigint): ThriftStruct {
  const columns = rowGroup[ROW_GROUP.COLUMNS] as ThriftStruct[];
  return {
    ...shiftFields(rowGroup, shift, ROW_GROUP.FILE_OFFSET),
    [ROW_GROUP.COLUMNS]: columns.map((column) => moveColumn(column, shift)),
    [ROW_GROUP.ORDINAL]: undefined,
  };
}

function moveColumn(column: ThriftStruct, shift: bigint): ThriftStruct {
  const metadata = column[COLUMN_CHUNK.META_DATA] as ThriftStruct | undefined;
  if (!metadata) throw new RangeError("a column has no metadata");
  const { DATA_PAGE_OFFSET, INDEX_PAGE_OFFSET, DICTIONARY_PAGE_OFFSET, BLOOM_FILTER_OFFSET } =
    COLUMN_METADATA;
  return {
    ...shiftFields(column, shift, COLUMN_CHUNK.FILE_OFFSET),
    [COLUMN_CHUNK.META_DATA]: shiftFields(
      metadata,
      shift,
      DATA_PAGE_OFFSET,
      INDEX_PAGE_OFFSET,
      DICTIONARY_PAGE_OFFSET,
      BLOOM_FILTER_OFFSET,
    ),
    [COLUMN_CHUNK.OFFSET_INDEX_OFFSET]: undefined,
    [COLUMN_CHUNK.OFFSET_INDEX_LENGTH]: undefined,
    [COLUMN_CHUNK.COLUMN_INDEX_OFFSET]: undefined,
    [COLUMN_CHUNK.COLUMN_INDEX_LENGTH]: undefined,
  };
}

/** Adds to positions or sizes. A position of 0 is what writers put where they give none. */
function shiftFields(
  struct: ThriftStruct,
  shift: bigint,
  ...names: readonly ThriftFieldName[]
): ThriftStruct {
  const shifted: Record<ThriftFieldName, ThriftValue | undefined> = { ...struct };
  for (const name of names) {
    const value = struct[name];
    if (typeof value === "bigint" && value !== 0n) shifted[name] = value + shift;
  }
  return shifted;
}

/** {@linkcode ParquetFooter.rest} with other key/value metadata. */
export function withMetadata(
  rest: ThriftStruct,
  keyValueMetadata: Readonly<Record<string, string>>,
): ThriftStruct {
  // `KeyValue`
  const pairs = Object.entries(keyValueMetadata)
    .map(([key, value]): ThriftStruct => ({ field_1: key, field_2: value }));
  return { ...rest, [FILE_METADATA.KEY_VALUE_METADATA]: pairs.length > 0 ? pairs : undefined };
}

/** Key/value metadata in {@linkcode ParquetFooter.rest}. */
export function metadataOf(rest: ThriftStruct): Map<string, string> {
  const pairs = (rest[FILE_METADATA.KEY_VALUE_METADATA] ?? []) as readonly ThriftStruct[];
  return new Map(pairs.map((pair) => [textOf(pair.field_1), textOf(pair.field_2)]));
}

/**
 * {@linkcode ParquetFooter.rest} with other key/value metadata and another author.
 *
 * @param createdBy program that wrote the file; the encoder's name is appended
 */
export function describeFile(
  rest: ThriftStruct,
  createdBy: string,
  keyValueMetadata: Readonly<Record<string, string>>,
): ThriftStruct {
  const { CREATED_BY } = FILE_METADATA;
  const encoder = textOf(rest[CREATED_BY]);
  return {
    ...withMetadata(rest, keyValueMetadata),
    [CREATED_BY]: encoder ? `${createdBy} (${encoder})` : createdBy,
  };
}

export interface FooterParts {
  /** {@linkcode ParquetFooter.rest}: schema and everything unknown. */
  readonly rest: ThriftStruct;
  readonly rows: bigint;
  /** Every row group in order, as written by {@linkcode writeThriftStruct}. */
  readonly rowGroups: readonly Uint8Array[];
}

/**
 * Makes the end of a file: footer, its length and the magic number.
 *
 * @returns pieces to be written one after the other
 * @throws {RangeError} if the footer is longer than its 32-bit length can say
 */
export function writeFooter(parts: FooterParts): Uint8Array[] {
  const { rest, rows, rowGroups } = parts;
  const { NUM_ROWS, ROW_GROUPS } = FILE_METADATA;
  const fields = (Object.entries(rest) as [ThriftFieldName, ThriftValue | undefined][])
    .sort(([one], [other]) => idOf(one) - idOf(other));
  const before = fields.filter(([name]) => idOf(name) < idOf(NUM_ROWS));
  const after = fields.filter(([name]) => idOf(name) > idOf(ROW_GROUPS));

  // The row groups of a long recording take many megabytes: they are put between the other fields as
  // they are, in place of an empty list, which is one byte. `head` ends before it with the list's field
  // header (one byte, too), without the end of the structure; `tail` begins behind it.
  const head = writeThriftStruct({
    ...Object.fromEntries(before),
    [NUM_ROWS]: rows,
    [ROW_GROUPS]: [],
  }).subarray(0, -2);
  const tail = writeThriftStruct({ [ROW_GROUPS]: [], ...Object.fromEntries(after) }).subarray(2);

  const footer = [head, structListHeader(rowGroups.length), ...rowGroups, tail];
  const length = footer.reduce((sum, piece) => sum + piece.length, 0);
  // Readers disagree about the sign of the length.
  if (length > 0x7fff_ffff) throw new RangeError("the footer is too long");
  const end = new Uint8Array(FOOTER_TAIL_BYTES);
  new DataView(end.buffer).setUint32(0, length, true);
  end.set(PARQUET_MAGIC, 4);
  return [...footer, end];
}

/** thrift-compact-protocol.md, "List and Set": size, if below 15, and the element type, 12 = structure. */
function structListHeader(size: number): Uint8Array {
  return size < 15 ? Uint8Array.of(size << 4 | 12) : Uint8Array.of(0xfc, ...varint(size));
}

function idOf(name: ThriftFieldName): number {
  return Number(name.slice("field_".length));
}

function textOf(value: ThriftValue | undefined): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : "";
}
