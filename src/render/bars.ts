/**
 * Numbers as bars beside each other's rows, and the axis above them.
 *
 * @module
 */

/** Eighths of a cell: Unicode's "Block Elements", U+258F to U+2588. */
const EIGHTHS = [..."▏▎▍▌▋▊▉█"];

/** What says that a number is beyond the end of the axis. */
const BEYOND = ">";

/**
 * A bar; what is not nothing never looks like it.
 *
 * @param highest the end of the axis
 * @param width terminal cells of the axis
 */
export function bar(value: number, highest: number, width: number, unicode: boolean): string {
  if (!(value > 0) || !(highest > 0)) return "";
  if (value > highest) return full(unicode).repeat(width - 1) + BEYOND;
  const steps = unicode ? EIGHTHS.length : 1;
  const length = Math.max(1, Math.round(value / highest * width * steps));
  const rest = length % steps;
  return full(unicode).repeat(Math.floor(length / steps)) + (rest === 0 ? "" : EIGHTHS[rest - 1]!);
}

/** `0        524 kbit/s`: where the bars begin and end. */
export function axis(highest: string, width: number): string {
  return `0${highest.padStart(width - 1)}`;
}

function full(unicode: boolean): string {
  return unicode ? EIGHTHS.at(-1)! : "#";
}
