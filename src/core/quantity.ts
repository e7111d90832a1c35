/**
 * Numbers as people read them, for tables, the status line and the final report. Machine formats
 * never use these: they carry raw numbers.
 *
 * Bytes use binary prefixes (IEC 80000-13: 1 KiB = 1024 B), rates decimal ones (1 kbit/s =
 * 1000 bit/s). Every function accepts any finite number or bigint.
 *
 * @module
 */

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"] as const;
const RATE_PREFIXES = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"] as const;

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/** A whole number with thousands separators: `1,234,567`. A fraction is rounded. */
export function formatCount(count: number | bigint): string {
  const digits = (typeof count === "bigint" ? count : BigInt(Math.round(count))).toString();
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** How many there are of a thing: `1 row`, `1,234 rows`. */
export function formatAmount(count: number | bigint, noun: string): string {
  const text = formatCount(count);
  return `${text} ${noun}${text === "1" ? "" : "s"}`;
}

/** Bytes with a binary prefix and three significant digits: `0 B`, `1,023 B`, `1.00 KiB`. */
export function formatBytes(bytes: number | bigint): string {
  return scale(Number(bytes), 1024, BYTE_UNITS);
}

/** What is less, but more than nothing, is said to be less. */
const LEAST_RATE = 0.01;

/**
 * A rate with a decimal prefix and three significant digits: `999 bit/s`, `1.00 Mbit/s`,
 * `5.31 Mpackets/s`; what is not nothing never reads as 0: `< 0.01 packets/s`.
 *
 * @param perSecond events per second
 * @param unit what is counted, without `/s`
 */
export function formatRate(perSecond: number | bigint, unit: "packets" | "bit"): string {
  if (perSecond > 0 && perSecond < LEAST_RATE) return `< ${LEAST_RATE} ${unit}/s`;
  return scale(Number(perSecond), 1000, RATE_PREFIXES.map((prefix) => `${prefix}${unit}/s`));
}

/** Seconds in the unit that suits them: `0 s`, `1.50 ms`, `30.0 s`, `5 min 03 s`, `2 h 05 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 0) return `-${formatDuration(-seconds)}`;
  if (seconds === 0) return "0 s";
  // Half a unit of the last digit shown, so that 999.9996 ms reads 1.00 s and 59.96 s reads 1 min.
  if (seconds < 0.9995e-6) return `${Math.round(seconds * 1e9)} ns`;
  if (seconds < 0.9995e-3) return `${significant(seconds * 1e6)} µs`;
  if (seconds < 0.9995) return `${significant(seconds * 1e3)} ms`;
  if (seconds < 59.95) return `${significant(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < HOUR_SECONDS) return pair(whole, MINUTE_SECONDS, "min", 1, "s");
  if (whole < DAY_SECONDS) return pair(whole, HOUR_SECONDS, "h", MINUTE_SECONDS, "min");
  return pair(whole, DAY_SECONDS, "d", HOUR_SECONDS, "h");
}

/** A share as a percentage; what is not nothing never reads as 0: `0 %`, `< 0.01 %`, `12.3 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.01) return "< 0.01 %";
  if (percent < 100 && percent > 99.99) return "> 99.99 %";
  // Two digits at both ends, where the last one tells nearly nothing from nothing.
  return `${Number(percent.toFixed(percent < 10 || percent > 90 ? 2 : 1))} %`;
}

/** Divides by `base` until the value, as it will be shown, is below it. */
function scale(value: number, base: number, units: readonly string[]): string {
  let scaled = Math.abs(value);
  let index = 0;
  // The value is shown rounded: 1023.97 KiB would read "1,024 KiB", so it counts as 1 MiB.
  while (Math.round(scaled) >= base && index < units.length - 1) {
    scaled /= base;
    index++;
  }
  const sign = value < 0 ? "-" : "";
  const whole = index === 0 && Number.isInteger(scaled);
  return `${sign}${whole ? formatCount(scaled) : significant(scaled)} ${units[index]}`;
}

/** Three significant digits, never in exponent form: `1.00`, `12.3`, `123`, `1,023`. */
function significant(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  if (value < 99.95) return value.toFixed(1);
  return formatCount(value);
}

function pair(
  seconds: number,
  bigSeconds: number,
  bigUnit: string,
  smallSeconds: number,
  smallUnit: string,
): string {
  const big = Math.floor(seconds / bigSeconds);
  const small = Math.floor((seconds % bigSeconds) / smallSeconds);
  return `${formatCount(big)} ${bigUnit} ${String(small).padStart(2, "0")} ${smallUnit}`;
}
