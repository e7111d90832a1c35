/**
 * Durations as users write them: `500ms`, `0.5s`, `30s`, `30`, `5m`, `1h30m`, `1d`, `0`.
 *
 * @module
 */
import { InvalidValue } from "./invalid_value.ts";

/** Milliseconds of each unit, largest first: the order in which parts may follow each other. */
const UNIT_MS = [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], ["s", 1_000], [
  "ms",
  1,
]] as const;

/**
 * The longest duration, in milliseconds: 24 days. Timers of the runtime hold 31 bits of
 * milliseconds (24.8 days) and fire at once when given more.
 */
export const MAX_DURATION_MS = 24 * 86_400_000;

/** The longest time that is looked for in files, in milliseconds: 100 years. No timer is set to it. */
const MAX_LENGTH_MS = 36_525 * 86_400_000;

const UNITS_HINT = 'Write a number and a unit (ms, s, m, h, d), as in "500ms", "30s" or "1h30m"';
const NUMBER = /^(?:\d+(?:\.\d+)?|\.\d+)$/;
const PART = /(\d+(?:\.\d+)?|\.\d+)([a-zA-Zµ]*)/y;

/**
 * Reads a duration: numbers, each with a unit `d`, `h`, `m`, `s` or `ms`, from the largest unit to
 * the smallest. A number alone is seconds.
 *
 * @param text What the user wrote.
 * @returns Whole milliseconds, rounded to the nearest; 0 only if every number in `text` is 0.
 * @throws {InvalidValue} If `text` is empty, negative, otherwise not a duration, not
 * 0 yet shorter than 1 ms, or longer than {@linkcode MAX_DURATION_MS}.
 */
export function parseDuration(text: string): number {
  const ms = parseTime(text);
  if (ms > MAX_DURATION_MS) {
    throw new InvalidValue("it is longer than 576h (24 days)", 'Write "0" for no limit');
  }
  // 0 means "no limit": a short duration must never be rounded to it.
  if (ms > 0 && ms < 1) {
    throw new InvalidValue("it is shorter than 1ms", 'Write "1ms" or more, or "0" for no limit');
  }
  return Math.round(ms);
}

/**
 * Reads how long something is that was recorded, written likewise; it may be as long as recordings go back.
 *
 * @throws {InvalidValue} As above, or it is longer than 100 years.
 */
export function parseLength(text: string): number {
  const ms = parseTime(text);
  if (ms > MAX_LENGTH_MS) {
    throw new InvalidValue("it is longer than 100 years", 'Write "36525d" or less');
  }
  if (ms > 0 && ms < 1) throw new InvalidValue("it is shorter than 1ms", 'Write "1ms" or more');
  return Math.round(ms);
}

/** Milliseconds, not rounded. */
function parseTime(text: string): number {
  if (NUMBER.test(text)) return parseTime(`${text}s`);
  if (text === "") throw new InvalidValue("it is empty", UNITS_HINT);
  if (text.startsWith("-")) throw new InvalidValue("it is negative", UNITS_HINT);

  let totalMs = 0;
  let position = 0;
  let nextUnit = 0;
  while (position < text.length) {
    PART.lastIndex = position;
    const part = PART.exec(text);
    if (part === null) throw new InvalidValue("it is not a duration", UNITS_HINT);
    const [whole, number = "", unit = ""] = part;
    position += whole.length;
    if (unit === "") {
      const next = UNIT_MS[nextUnit]?.[0];
      if (position < text.length || next === undefined) {
        throw new InvalidValue("it is not a duration", UNITS_HINT);
      }
      throw new InvalidValue(`"${number}" has no unit`, `Write "${text}${next}"`);
    }
    const index = UNIT_MS.findIndex(([name]) => name === unit);
    const entry = UNIT_MS[index];
    if (entry === undefined) throw new InvalidValue(`"${unit}" is not a unit`, UNITS_HINT);
    if (index < nextUnit) {
      throw new InvalidValue(
        "its units are not in order",
        'Write the largest unit first, as in "1h30m"',
      );
    }
    nextUnit = index + 1;
    totalMs += Number(number) * entry[1];
  }

  return totalMs;
}
