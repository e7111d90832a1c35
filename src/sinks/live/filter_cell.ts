/**
 * The filter of a live view, in shared memory: it changes while the writing thread, which takes no
 * messages meanwhile, works.
 *
 * @module
 */

/** Words before the text: how often it was changed (odd while it is), and its length in bytes. */
const CHANGES = 0;
const LENGTH = 1;
const HEADER_BYTES = 8;

/** Longest text, bytes of UTF-8. */
export const MAX_FILTER_BYTES = 4096;

/** Makes the memory, with no filter in it. */
export function createFilterCell(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + MAX_FILTER_BYTES);
}

/**
 * Asks for another filter. One thread only may do that.
 *
 * @param text one that can be understood; empty = all packets
 * @returns the version that packets of this filter have
 * @throws {RangeError} if it is longer than {@linkcode MAX_FILTER_BYTES}
 */
export function writeFilter(cell: SharedArrayBuffer, text: string): number {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MAX_FILTER_BYTES) {
    throw new RangeError("Cannot use the filter: it is too long");
  }
  const header = new Int32Array(cell, 0, 2);
  Atomics.add(header, CHANGES, 1);
  Atomics.store(header, LENGTH, bytes.length);
  new Uint8Array(cell, HEADER_BYTES).set(bytes);
  return Atomics.add(header, CHANGES, 1) + 1;
}

/** The version that is there now: an odd one is being written. */
export function filterVersion(cell: SharedArrayBuffer): number {
  return Atomics.load(new Int32Array(cell, 0, 2), CHANGES);
}

/** @returns undefined while it is being written */
export function readFilter(
  cell: SharedArrayBuffer,
): { readonly version: number; readonly text: string } | undefined {
  const header = new Int32Array(cell, 0, 2);
  const version = Atomics.load(header, CHANGES);
  if (version % 2 !== 0) return undefined;
  const bytes = new Uint8Array(cell, HEADER_BYTES, Atomics.load(header, LENGTH)).slice();
  if (Atomics.load(header, CHANGES) !== version) return undefined;
  return { version, text: new TextDecoder().decode(bytes) };
}
