/**
 * Parquet files whose footer says something else than the file holds.
 *
 * @module
 */
import {
  readThriftStruct,
  type ThriftStruct,
  writeThriftStruct,
} from "../../src/parquet/thrift_compact.ts";

/** Length of the footer and the magic number. */
const TAIL_BYTES = 8;

/** `FileMetaData` of apache/parquet-format as it is edited here. */
export interface EditedFooter {
  schema: ThriftStruct[];
  rows: bigint;
  rowGroups: ThriftStruct[];
}

/** The file with another footer. */
export function withFooter(file: Uint8Array, edit: (footer: EditedFooter) => void): Uint8Array {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(
    file.length - TAIL_BYTES,
    true,
  );
  const start = file.length - TAIL_BYTES - length;
  const struct = readThriftStruct(file.slice(start, start + length));
  const footer: EditedFooter = {
    schema: [...struct.field_2 as ThriftStruct[]],
    rows: struct.field_3 as bigint,
    rowGroups: [...struct.field_4 as ThriftStruct[]],
  };
  edit(footer);
  const bytes = writeThriftStruct({
    ...struct,
    field_2: footer.schema,
    field_3: footer.rows,
    field_4: footer.rowGroups,
  });
  const edited = new Uint8Array(start + bytes.length + TAIL_BYTES);
  edited.set(file.subarray(0, start));
  edited.set(bytes, start);
  new DataView(edited.buffer).setUint32(start + bytes.length, bytes.length, true);
  edited.set(new TextEncoder().encode("PAR1"), start + bytes.length + 4);
  return edited;
}
