/**
 * Byte strings in network order, the material of the frame builder.
 *
 * Every header of the builder may be given a value that is not true (a length, a version), because
 * the parser has to cope with frames that lie. Checksums are left 0: no parser here looks at them.
 *
 * @module
 */

/** `parts` one behind the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Single bytes. */
export function octets(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

/** A 16-bit number, big-endian. */
export function u16(value: number): Uint8Array {
  return octets(value >>> 8, value);
}

/** A 32-bit number, big-endian. */
export function u32(value: number): Uint8Array {
  return octets(value >>> 24, value >>> 16, value >>> 8, value);
}

/** `length` bytes that are not 0 and differ from their neighbours, so that a wrong offset shows. */
export function filler(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => 0xa1 + index % 89);
}

/** `bytes` followed by zeros up to `length`, as a network card pads a short frame. */
export function padTo(length: number, bytes: Uint8Array): Uint8Array {
  return concat(bytes, new Uint8Array(Math.max(0, length - bytes.length)));
}

/** The bytes that hexadecimal digits stand for; colons and spaces between them are skipped. */
export function hex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/[0-9a-f]{2}/gi) ?? [], (pair) => parseInt(pair, 16));
}
