/**
 * Sections of a 64-bit little-endian ELF file: System V ABI, "Object Files".
 *
 * @module
 */

const HEADER = { shoff: 40, shentsize: 58, shnum: 60, shstrndx: 62 } as const;
const SECTION = { name: 0, offset: 24, size: 32 } as const;

/** Name to content of every section of `file`; the contents are views of it. */
export function readSections(file: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const table = Number(view.getBigUint64(HEADER.shoff, true));
  const entryBytes = view.getUint16(HEADER.shentsize, true);
  const content = (index: number) => {
    const entry = table + index * entryBytes;
    const offset = Number(view.getBigUint64(entry + SECTION.offset, true));
    return file.subarray(offset, offset + Number(view.getBigUint64(entry + SECTION.size, true)));
  };
  const names = content(view.getUint16(HEADER.shstrndx, true));
  const sections = new Map<string, Uint8Array>();
  for (let index = 1; index < view.getUint16(HEADER.shnum, true); index++) {
    const name = view.getUint32(table + index * entryBytes + SECTION.name, true);
    sections.set(textAt(names, name), content(index));
  }
  return sections;
}

/** The NUL-terminated text at `offset` of a string table. */
export function textAt(table: Uint8Array, offset: number): string {
  return new TextDecoder().decode(table.subarray(offset, table.indexOf(0, offset)));
}
