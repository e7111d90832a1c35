/**
 * The footer of a Parquet file and what of it depends on where the data lies. Field ids are those of
 * apache/parquet-format: src/main/thrift/parquet.thrift; layout of the file: its README.md.
 *
 * @module
 */
import {
  CompactWriter,
  readThriftStruct,
  THRIFT,
  type ThriftList,
  ThriftStruct,
  type ThriftValue,
  writeThriftStruct,
} from "./thrift_compact.ts";

/** First and last bytes of a file. */
export const PARQUET_MAGIC = new TextEncoder().encode("PAR1");

/** Length of the footer, and the magic number behind it. */
export const FOOTER_TAIL_BYTES = 4 + PARQUET_MAGIC.length;

const FILE_METADATA = {
  SCHEMA: 2,
  NUM_ROWS: 3,
  ROW_GROUPS: 4,
  KEY_VALUE_METADATA: 5,
  CREATED_BY: 6,
  COLUMN_ORDERS: 7,
  ENCRYPTION_ALGORITHM: 8,
} as const;
const SCHEMA_ELEMENT = { NUM_CHILDREN: 5 } as const;
const ROW_GROUP = {
  COLUMNS: 1,
  TOTAL_BYTE_SIZE: 2,
  NUM_ROWS: 3,
  FILE_OFFSET: 5,
  TOTAL_COMPRESSED_SIZE: 6,
  ORDINAL: 7,
} as const;
const COLUMN_CHUNK = {
  FILE_OFFSET: 2,
  META_DATA: 3,
  OFFSET_INDEX_OFFSET: 4,
  OFFSET_INDEX_LENGTH: 5,
  COLUMN_INDEX_OFFSET: 6,
  COLUMN_INDEX_LENGTH: 7,
} as const;
const COLUMN_METADATA = {
  DATA_PAGE_OFFSET: 9,
  INDEX_PAGE_OFFSET: 10,
  DICTIONARY_PAGE_OFFSET: 11,
  BLOOM_FILTER_OFFSET: 14,
} as const;
const KEY_VALUE = { KEY: 1, VALUE: 2 } as const;

/** Largest `RowGroup.ordinal`, 16 bits signed. */
const MAX_ORDINAL = 32_767;

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
  const rows = footer.get(FILE_METADATA.NUM_ROWS);
  const rowGroups = footer.get(FILE_METADATA.ROW_GROUPS) as ThriftList | undefined;
  if (typeof rows !== "bigint" || !rowGroups) throw new RangeError("the footer is incomplete");
  if (footer.get(FILE_METADATA.ENCRYPTION_ALGORITHM)) throw new RangeError("the file is encrypted");
  return {
    rows,
    rowGroups: rowGroups.elements as ThriftStruct[],
    rest: footer.without(FILE_METADATA.NUM_ROWS, FILE_METADATA.ROW_GROUPS),
  };
}

/** Bytes that are equal in two footers exactly if the files have the same schema. */
export function schemaBytes(footer: ParquetFooter): Uint8Array {
  const { SCHEMA, COLUMN_ORDERS } = FILE_METADATA;
  const fields = footer.rest.fields.filter(({ id }) => id === SCHEMA || id === COLUMN_ORDERS);
  return writeThriftStruct(new ThriftStruct(fields));
}

/** Rows of a row group. */
export function rowsOf(rowGroup: ThriftStruct): number {
  return Number(rowGroup.get(ROW_GROUP.NUM_ROWS));
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
  const { elementType, elements } = rest.get(SCHEMA) as ThriftList;
  const [root, ...present] = elements as ThriftStruct[];
  const schema = [
    root!.with(SCHEMA_ELEMENT.NUM_CHILDREN, THRIFT.I32, added.length),
    ...fillIn(added, present),
  ];
  const extended = rest.with(SCHEMA, THRIFT.LIST, { elementType, elements: schema });
  const orders = rest.get(COLUMN_ORDERS) as ThriftList | undefined;
  if (!orders) return extended;
  // One for each column, all of them alike: values are ordered as their type is.
  const all = added.map(() => orders.elements[0]!);
  return extended.with(COLUMN_ORDERS, THRIFT.LIST, { ...orders, elements: all });
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
  const { elementType, elements } = rowGroup.get(COLUMNS) as ThriftList;
  const columns = { elementType, elements: fillIn(added, elements as ThriftStruct[]) };
  const larger = shiftFields(rowGroup, BigInt(plainBytes), TOTAL_BYTE_SIZE);
  return shiftFields(larger, BigInt(bytes), TOTAL_COMPRESSED_SIZE)
    .with(COLUMNS, THRIFT.LIST, columns);
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
 * References to a page index are dropped: it holds absolute positions itself, and readers do without
 * (PageIndex.md). DuckDB does not write one.
 *
 * @param shift bytes by which the data moved
 * @param ordinal place of the row group in the new file
 */
export function moveRowGroup(rowGroup: ThriftStruct, shift: bigint, ordinal: number): ThriftStruct {
  const columns = rowGroup.get(ROW_GROUP.COLUMNS) as ThriftList;
  const moved = {
    elementType: columns.elementType,
    elements: columns.elements.map((column) => moveColumn(column as ThriftStruct, shift)),
  };
  const result = shiftFields(rowGroup, shift, ROW_GROUP.FILE_OFFSET)
    .with(ROW_GROUP.COLUMNS, THRIFT.LIST, moved);
  if (result.get(ROW_GROUP.ORDINAL) === undefined) return result;
  return ordinal <= MAX_ORDINAL
    ? result.with(ROW_GROUP.ORDINAL, THRIFT.I16, ordinal)
    : result.without(ROW_GROUP.ORDINAL);
}

function moveColumn(column: ThriftStruct, shift: bigint): ThriftStruct {
  const moved = shiftFields(column, shift, COLUMN_CHUNK.FILE_OFFSET).without(
    COLUMN_CHUNK.OFFSET_INDEX_OFFSET,
    COLUMN_CHUNK.OFFSET_INDEX_LENGTH,
    COLUMN_CHUNK.COLUMN_INDEX_OFFSET,
    COLUMN_CHUNK.COLUMN_INDEX_LENGTH,
  );
  const metadata = column.get(COLUMN_CHUNK.META_DATA) as ThriftStruct | undefined;
  if (!metadata) throw new RangeError("a column has no metadata");
  const { DATA_PAGE_OFFSET, INDEX_PAGE_OFFSET, DICTIONARY_PAGE_OFFSET, BLOOM_FILTER_OFFSET } =
    COLUMN_METADATA;
  return moved.with(
    COLUMN_CHUNK.META_DATA,
    THRIFT.STRUCT,
    shiftFields(
      metadata,
      shift,
      DATA_PAGE_OFFSET,
      INDEX_PAGE_OFFSET,
      DICTIONARY_PAGE_OFFSET,
      BLOOM_FILTER_OFFSET,
    ),
  );
}

/** Adds to positions or sizes. A position of 0 is what writers put where they give none. */
function shiftFields(struct: ThriftStruct, shift: bigint, ...ids: readonly number[]): ThriftStruct {
  return new ThriftStruct(struct.fields.map((field) => {
    const isPosition = ids.includes(field.id) && typeof field.value === "bigint" &&
      field.value !== 0n;
    return isPosition ? { ...field, value: field.value as bigint + shift } : field;
  }));
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
  const { KEY_VALUE_METADATA, CREATED_BY } = FILE_METADATA;
  const encoder = textOf(rest.get(CREATED_BY));
  return rest
    .with(KEY_VALUE_METADATA, THRIFT.LIST, keyValueList(keyValueMetadata))
    .with(CREATED_BY, THRIFT.BINARY, utf8(encoder ? `${createdBy} (${encoder})` : createdBy));
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
  const before = rest.fields.filter(({ id }) => id < NUM_ROWS);
  const after = rest.fields.filter(({ id }) => id > ROW_GROUPS);

  // The row groups of a long recording take many megabytes: they are put between the other fields as
  // they are. `head` is a structure without its end, `tail` one that begins behind the row groups.
  const head = new CompactWriter();
  head.fields(new ThriftStruct([...before, { id: NUM_ROWS, type: THRIFT.I64, value: rows }]), 0);
  head.fieldHeader(ROW_GROUPS, NUM_ROWS, THRIFT.LIST);
  head.listHeader(THRIFT.STRUCT, rowGroups.length);
  const tail = new CompactWriter();
  tail.fields(new ThriftStruct(after), ROW_GROUPS);
  tail.stop();

  const footer = [head.finish(), ...rowGroups, tail.finish()];
  const length = footer.reduce((sum, piece) => sum + piece.length, 0);
  // Readers disagree about the sign of the length.
  if (length > 0x7fff_ffff) throw new RangeError("the footer is too long");
  const end = new Uint8Array(FOOTER_TAIL_BYTES);
  new DataView(end.buffer).setUint32(0, length, true);
  end.set(PARQUET_MAGIC, 4);
  return [...footer, end];
}

function keyValueList(metadata: Readonly<Record<string, string>>): ThriftList {
  const elements = Object.entries(metadata).map(([key, value]) =>
    new ThriftStruct([
      { id: KEY_VALUE.KEY, type: THRIFT.BINARY, value: utf8(key) },
      { id: KEY_VALUE.VALUE, type: THRIFT.BINARY, value: utf8(value) },
    ])
  );
  return { elementType: THRIFT.STRUCT, elements };
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textOf(value: ThriftValue | undefined): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : "";
}
