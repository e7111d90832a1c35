/**
 * Where the column chunks of a file are, and how their descriptions change when they move. Field ids are
 * those of apache/parquet-format: src/main/thrift/parquet.thrift.
 *
 * @module
 */
import type { ThriftFieldName, ThriftStruct, ThriftValue } from "./thrift_compact.ts";

const FILE_METADATA = { SCHEMA: "field_2", COLUMN_ORDERS: "field_7" } as const;
const SCHEMA_ELEMENT = { NAME: "field_4", NUM_CHILDREN: "field_5" } as const;
const ROW_GROUP = {
  COLUMNS: "field_1",
  TOTAL_BYTE_SIZE: "field_2",
  NUM_ROWS: "field_3",
  FILE_OFFSET: "field_5",
  TOTAL_COMPRESSED_SIZE: "field_6",
} as const;
/** Of a second copy of the metadata: there is none. */
const FILE_OFFSET = "field_2";
const META_DATA = "field_3";
const COLUMN_METADATA = {
  ENCODINGS: "field_2",
  PATH: "field_3",
  TOTAL_UNCOMPRESSED_SIZE: "field_6",
  TOTAL_COMPRESSED_SIZE: "field_7",
  DATA_PAGE_OFFSET: "field_9",
  DICTIONARY_PAGE_OFFSET: "field_11",
  BLOOM_FILTER_OFFSET: "field_14",
  BLOOM_FILTER_LENGTH: "field_15",
} as const;

const DECODER = new TextDecoder();

/** A column chunk of a flat schema, in its file. */
export interface ColumnPlace {
  readonly name: string;
  readonly encodings: readonly number[];
  readonly start: number;
  readonly bytes: number;
  /** Its description when it begins at another position. Where its Bloom filter is stays as it was. */
  movedTo(position: number): ThriftStruct;
}

/** The column chunks of a row group, in the order of the schema. */
export function columnPlaces(rowGroup: ThriftStruct): ColumnPlace[] {
  return (rowGroup[ROW_GROUP.COLUMNS] as ThriftStruct[]).map((column) => {
    const metadata = metadataOf(column);
    const data = numberOf(metadata, COLUMN_METADATA.DATA_PAGE_OFFSET);
    const dictionary = numberOf(metadata, COLUMN_METADATA.DICTIONARY_PAGE_OFFSET);
    const start = dictionary === 0 ? data : Math.min(data, dictionary);
    return {
      name: textOf((metadata[COLUMN_METADATA.PATH] as ThriftValue[])[0]),
      encodings: (metadata[COLUMN_METADATA.ENCODINGS] as ThriftValue[]).map(Number),
      start,
      bytes: numberOf(metadata, COLUMN_METADATA.TOTAL_COMPRESSED_SIZE),
      movedTo(position) {
        const by = position - start;
        return {
          [FILE_OFFSET]: 0n,
          [META_DATA]: {
            ...metadata,
            [COLUMN_METADATA.DATA_PAGE_OFFSET]: BigInt(data + by),
            ...(dictionary !== 0 &&
              { [COLUMN_METADATA.DICTIONARY_PAGE_OFFSET]: BigInt(dictionary + by) }),
            // Without its length a Bloom filter cannot be copied.
            ...(filterPlace(column) === null &&
              { [COLUMN_METADATA.BLOOM_FILTER_OFFSET]: undefined }),
          },
        };
      },
    };
  });
}

/** Where the Bloom filter of a column chunk is; null without one, or if its length is not known. */
export function filterPlace(column: ThriftStruct): { start: number; bytes: number } | null {
  const metadata = metadataOf(column);
  const start = numberOf(metadata, COLUMN_METADATA.BLOOM_FILTER_OFFSET);
  const bytes = numberOf(metadata, COLUMN_METADATA.BLOOM_FILTER_LENGTH);
  return start === 0 || bytes === 0 ? null : { start, bytes };
}

/** A column chunk whose Bloom filter is at another position. */
export function withFilterAt(column: ThriftStruct, position: number): ThriftStruct {
  return {
    ...column,
    [META_DATA]: {
      ...metadataOf(column),
      [COLUMN_METADATA.BLOOM_FILTER_OFFSET]: BigInt(position),
    },
  };
}

/** A row group of these column chunks. */
export function rowGroupOf(from: ThriftStruct, columns: readonly ThriftStruct[]): ThriftStruct {
  const sum = (name: ThriftFieldName) =>
    columns.reduce((total, column) => total + BigInt(numberOf(metadataOf(column), name)), 0n);
  return {
    [ROW_GROUP.COLUMNS]: [...columns],
    [ROW_GROUP.TOTAL_BYTE_SIZE]: sum(COLUMN_METADATA.TOTAL_UNCOMPRESSED_SIZE),
    [ROW_GROUP.NUM_ROWS]: from[ROW_GROUP.NUM_ROWS],
    [ROW_GROUP.TOTAL_COMPRESSED_SIZE]: sum(COLUMN_METADATA.TOTAL_COMPRESSED_SIZE),
  };
}

/** `ParquetFooter.rest` without a column of a flat schema. */
export function withoutColumn(rest: ThriftStruct, name: string): ThriftStruct {
  const [root, ...columns] = rest[FILE_METADATA.SCHEMA] as ThriftStruct[];
  const kept = columns.filter((column) => textOf(column[SCHEMA_ELEMENT.NAME]) !== name);
  const orders = rest[FILE_METADATA.COLUMN_ORDERS] as ThriftStruct[] | undefined;
  return {
    ...rest,
    [FILE_METADATA.SCHEMA]: [{ ...root, [SCHEMA_ELEMENT.NUM_CHILDREN]: kept.length }, ...kept],
    // All of them alike: values are ordered as their type is.
    [FILE_METADATA.COLUMN_ORDERS]: orders && kept.map(() => orders[0]!),
  };
}

function metadataOf(column: ThriftStruct): ThriftStruct {
  const metadata = column[META_DATA] as ThriftStruct | undefined;
  if (!metadata) throw new RangeError("a column has no metadata");
  return metadata;
}

function numberOf(struct: ThriftStruct, name: ThriftFieldName): number {
  return Number(struct[name] ?? 0);
}

function textOf(value: ThriftValue | undefined): string {
  return value instanceof Uint8Array ? DECODER.decode(value) : "";
}
