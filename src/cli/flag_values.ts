/**
 * Parsers of flag values that are no units of their own.
 *
 * @module
 */
import { InvalidValue } from "../core/invalid_value.ts";

const DIGITS_HINT = 'Write a number in digits, as in "1000"';

/**
 * Reads a decimal whole number.
 *
 * @param minimum The smallest number allowed, 0 or more.
 * @param hint What to do instead, for a number that is too small.
 * @throws {InvalidValue} If `text` is not such a number, or above `Number.MAX_SAFE_INTEGER`.
 */
export function parseWholeNumber(text: string, minimum: number, hint?: string): number {
  if (text === "") throw new InvalidValue("it is empty", DIGITS_HINT);
  if (!/^-?\d+$/.test(text)) throw new InvalidValue("it is not a whole number", DIGITS_HINT);
  const value = Number(text);
  if (value < minimum || text.startsWith("-")) {
    throw new InvalidValue(`it is less than ${minimum}`, hint);
  }
  if (!Number.isSafeInteger(value)) throw new InvalidValue("it is too large", hint);
  return value;
}

/** Largest sampling rate: the kernel side keeps it in 32 bits. */
const MAX_SAMPLE_RATE = 2 ** 32 - 1;

/**
 * Reads a sampling rate: one packet in how many is kept.
 *
 * @throws {InvalidValue} If `text` is no whole number from 1 to 4,294,967,295.
 */
export function parseSampleRate(text: string): number {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text);
  const perHundred = share === null ? 0 : Number(share[1]);
  if (perHundred > 0 && perHundred <= 100) {
    const rate = Math.round(100 / perHundred);
    throw new InvalidValue("it is a share", `Write "${rate}" to keep one packet in ${rate}`);
  }
  const rate = parseWholeNumber(text, 1, 'Write "1" to keep every packet');
  if (rate > MAX_SAMPLE_RATE) {
    throw new InvalidValue("it is too large", `Use ${MAX_SAMPLE_RATE} or less`);
  }
  return rate;
}

/**
 * Reads a path, which can be anything but empty.
 *
 * @throws {InvalidValue} If `text` is empty.
 */
export function parsePath(text: string): string {
  if (text === "") throw new InvalidValue("it is empty", "Name a file");
  return text;
}

/**
 * Reads the name of a user. Whether there is one is not looked up.
 *
 * @throws {InvalidValue} If `text` is empty.
 */
export function parseUserName(text: string): string {
  if (text === "") throw new InvalidValue("it is empty", "Name a user of this machine");
  return text;
}

/**
 * Reads interface names with commas between them. Whether they exist is not looked up.
 *
 * @throws {InvalidValue} If a name is empty.
 */
export function parseInterfaceNames(text: string): string[] {
  const names = text.split(",");
  if (names.includes("")) {
    throw new InvalidValue("a name is empty", 'Write names as in "eth0" or "eth0,eth1"');
  }
  return names;
}
