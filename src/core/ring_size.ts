/**
 * How much memory the rings can have.
 *
 * @module
 */
import { formatByteSize, parseByteSize } from "./byte_size.ts";
import { InvalidValue } from "./invalid_value.ts";

/** Bytes of a memory page on x86-64, and the smallest on arm64. */
const DEFAULT_PAGE_BYTES = 4096;

/** More would only put off the loss that a reader has which is too slow. */
const MAX_RING_BYTES = 2 ** 31;

/**
 * Reads how much memory the rings may take. A ring has a power of two of slots, so that the memory
 * between two powers of two would not be used.
 *
 * @param text What the user wrote, as for `parseByteSize`.
 * @param pageBytes Size of a memory page in bytes, a power of two.
 * @returns Bytes: a power of two from `pageBytes` to {@linkcode MAX_RING_BYTES}.
 * @throws {InvalidValue} If `text` is not such a size; the hint names the nearest usable ones.
 */
export function parseRingSize(text: string, pageBytes: number = DEFAULT_PAGE_BYTES): number {
  const bytes = parseByteSize(text);
  if (bytes < pageBytes) {
    const smallest = formatByteSize(pageBytes);
    throw new InvalidValue(
      `it is smaller than a memory page (${smallest})`,
      `Use "${smallest}" or more`,
    );
  }
  if (bytes > MAX_RING_BYTES) {
    const largest = formatByteSize(MAX_RING_BYTES);
    throw new InvalidValue(`it is larger than ${largest}`, `Use "${largest}" or less`);
  }
  // Every value here is below 2^32: Math.log2 of it, rounded down, is exact.
  const below = 2 ** Math.floor(Math.log2(bytes));
  if (below !== bytes) {
    const hint = `Use "${formatByteSize(below)}" or "${formatByteSize(below * 2)}"`;
    throw new InvalidValue("it is not a power of two", hint);
  }
  return bytes;
}
