/**
 * Thrift's compact protocol, without a schema: structures are read into objects and written back, also
 * fields that nobody here knows (apache/thrift: doc/specs/thrift-compact-protocol.md). hyparquet reads,
 * hyparquet-writer writes.
 *
 * The type of a value says how it is written: a boolean as such, a number as 32 bits, a bigint as 64, text
 * and bytes as a byte string. Fields of 8 and 16 bits are read, but would be written with 32; sets and maps
 * are refused. DuckDB's footers have neither: they are written back byte for byte.
 *
 * @module
 */
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";
import { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import { serializeTCompactProtocol } from "hyparquet-writer/src/thrift.js";

export type ThriftValue =
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly ThriftValue[]
  | ThriftStruct;

/** Name of a field: its id. */
export type ThriftFieldName = `field_${number}`;

/** Fields in ascending order of their ids. One that is undefined is not there. */
export interface ThriftStruct {
  readonly [name: ThriftFieldName]: ThriftValue | undefined;
}

/**
 * Reads one structure.
 *
 * @returns the structure; its byte strings, and so all texts, are views of `bytes`
 * @throws {RangeError} if the bytes are no complete structure
 */
export function readThriftStruct(bytes: Uint8Array): ThriftStruct {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return deserializeTCompactProtocol({ view, offset: 0 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(`Cannot read Thrift data: ${reason}`, { cause });
  }
}

/**
 * Writes one structure.
 *
 * @throws {Error} if its fields are not in order
 */
export function writeThriftStruct(struct: ThriftStruct): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  serializeTCompactProtocol(writer, struct);
  return new Uint8Array(writer.getBuffer());
}
