/**
 * Inputs that are no Parquet files: what they are is told by their first bytes. Each is one entry of
 * {@linkcode FOREIGN_FORMATS}; what reads it is loaded when one is met.
 *
 * @module
 */
import { compressionOf, packetFormat } from "../contract/packet_magic.ts";
import type { ForeignFormat } from "../sources/foreign_rows.ts";

/** Bytes of an input that {@linkcode ForeignFormat.matches} is shown, fewer if it is shorter. */
export const HEAD_BYTES = 32;

/** Begins each message of a stream: arrow/docs/source/format/Columnar.rst, "Encapsulated message". */
const ARROW_CONTINUATION = "\xff\xff\xff\xff";
/** Begins a file: the same, "IPC File Format". */
const ARROW_FILE_MAGIC = "ARROW1";

/** The formats that are understood beside Parquet. */
const FOREIGN_FORMATS: readonly ForeignFormat[] = [
  {
    name: "Arrow IPC",
    matches: (head) => beginsWith(head, ARROW_CONTINUATION) || beginsWith(head, ARROW_FILE_MAGIC),
    open: async (bytes) => {
      const { ArrowRows } = await import("../sources/arrow_rows.ts");
      return await ArrowRows.open(bytes);
    },
  },
  {
    name: "a packet file",
    matches: (head) => packetFormat(head) !== null || compressionOf(head) !== null,
    grows: true,
    open: async (bytes) => {
      const { PacketRows } = await import("../sources/packet_file/packet_rows.ts");
      return await PacketRows.open(bytes);
    },
  },
];

/** The format of an input that begins like this; null if it is none of them. */
export function foreignFormat(
  head: Uint8Array,
  formats: readonly ForeignFormat[] = FOREIGN_FORMATS,
): ForeignFormat | null {
  return formats.find((format) => format.matches(head)) ?? null;
}

/** Whether bytes begin with those of a text of one byte a character. */
export function beginsWith(head: Uint8Array, magic: string): boolean {
  return head.length >= magic.length &&
    [...magic].every((character, index) => head[index] === character.charCodeAt(0));
}
