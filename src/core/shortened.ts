/**
 * Messages of a length that can be read, whatever the values in them are: an argument can have two
 * million letters.
 *
 * @module
 */
import { formatCount } from "./quantity.ts";

/** A longer value is not repeated as a whole: in characters. */
const LONGEST_VALUE = 300;
/** What stays of it; the end, because of paths. */
const VALUE_START = 120;
const VALUE_END = 40;

/** The same for all of a text. */
const LONGEST_TEXT = 1500;
const TEXT_START = 900;
const TEXT_END = 300;

/** A value is what stands between double quotes, or has no space in it. */
const LONG_VALUE = new RegExp(
  `"([^"]{${LONGEST_VALUE + 1},})"|[^\\s"]{${LONGEST_VALUE + 1},}`,
  "g",
);

/** A message whose values keep their beginning and end, and say how long they are, if they are long. */
export function shortened(text: string): string {
  if (text.length <= LONGEST_VALUE) return text;
  const short = text.replace(LONG_VALUE, (found, quoted?: string) => {
    const value = quoted ?? found;
    const parts = endsOf(value, VALUE_START, VALUE_END).join(" ... ");
    const shown = quoted === undefined ? parts : `"${parts}"`;
    return `${shown} (${formatCount(value.length)} characters)`;
  });
  if (short.length <= LONGEST_TEXT) return short;
  // Values with quotes in them.
  const [start, end] = endsOf(short, TEXT_START, TEXT_END);
  const left = formatCount(short.length - start.length - end.length);
  return `${start} ... (${left} characters left out) ... ${end}`;
}

/** Beginning and end, neither of which cuts a pair of surrogates. */
function endsOf(text: string, first: number, last: number): [start: string, end: string] {
  const start = text.slice(0, first).replace(/[\ud800-\udbff]$/, "");
  return [start, text.slice(-last).replace(/^[\udc00-\udfff]/, "")];
}
