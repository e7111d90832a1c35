/**
 * Text to and from C.
 *
 * @module
 */

const encoder = new TextEncoder();

/**
 * `text` as UTF-8 with a closing NUL, in memory that may be handed to C.
 *
 * @throws {TypeError} if `text` contains a NUL, which C would take for its end
 */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) {
    throw new TypeError(`Cannot pass ${JSON.stringify(text)} to C: it contains a NUL character`);
  }
  // By the length in UTF-8: a string's own length counts UTF-16 units.
  const bytes = encoder.encode(text);
  const terminated = new Uint8Array(new ArrayBuffer(bytes.length + 1));
  terminated.set(bytes);
  return terminated;
}

/** The text before the first NUL of `bytes`, or all of it when there is none. */
export function textFromCString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}
