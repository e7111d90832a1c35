/**
 * Reading a part of a file.
 *
 * @module
 */

/** The bytes from a position on; fewer than `length` where the file ends before. */
export function readAt(
  file: Deno.FsFile,
  position: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  file.seekSync(position, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.slice(0, filled);
}
