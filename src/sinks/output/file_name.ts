/**
 * The name of a recording in a directory that the user named.
 *
 * @module
 */

/** Bytes for the interfaces: the rest of a name (NAME_MAX, 255) is for the time, and for what is hidden. */
const MAX_BYTES = 150;

/**
 * `eth0`, with several interfaces `eth0+eth1`; of very many the first and how many more.
 *
 * @param interfaces names, at least one
 */
export function interfaceLabel(interfaces: readonly string[]): string {
  const names = [...new Set(interfaces)];
  const all = names.join("+");
  const isShort = new TextEncoder().encode(all).length <= MAX_BYTES;
  return isShort ? all : `${names[0]}+${names.length - 1}more`;
}

/**
 * `eth0-20261125T211500Z.parquet`.
 *
 * @param interfaces names, at least one
 * @param start of the recording
 */
export function fileNameFor(interfaces: readonly string[], start: Date): string {
  const time = start.toISOString().replace(/[-:]|\.\d+/g, "");
  return `${interfaceLabel(interfaces)}-${time}.parquet`;
}
