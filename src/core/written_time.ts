/**
 * Points in time as users write them: `2026-11-23T14:00:00+01:00`, `14:00`, `-5m`, `+10s`. What a time of
 * day and a distance are counted from is the reader's to say.
 *
 * @module
 */
import { parseLength } from "./duration.ts";
import { InvalidValue } from "./invalid_value.ts";

/** A point in time, as far as the text alone tells. Times are nanoseconds. */
export type WrittenTime =
  & { readonly text: string }
  & (
    | { readonly kind: "instant"; /** Since 1970, UTC. */ readonly ns: bigint }
    | {
      readonly kind: "clock";
      /** Since midnight in the zone that is meant. */
      readonly ns: bigint;
      /** What that zone is ahead of UTC. */
      readonly zoneNs: bigint;
    }
    | { readonly kind: "before end"; readonly ns: bigint }
    | { readonly kind: "after start"; readonly ns: bigint }
  );

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_MINUTE = 60n * NS_PER_SECOND;

/** Nanoseconds since 1970 that 64 bits hold: 1677-09-21 to 2262-04-11. */
const MAX_NS = 2n ** 63n - 1n;

const HINT = 'Write it as in "2026-11-23T14:00:00", "14:00", "-5m" (before the end) or "+10s"';
const ZONE_PART = String.raw`(?<zone>[Zz]|[+-]\d\d(?::?\d\d)?)?`;
const CLOCK_PART = String
  .raw`(?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.(?<fraction>\d{1,9}))?)?`;
const CLOCK = new RegExp(`^${CLOCK_PART}${ZONE_PART}$`);
/** ISO 8601 as of RFC 3339, 5.6, with a space for the T, and seconds, time and zone left out. */
const INSTANT = new RegExp(
  String.raw`^(?<date>\d{4}-\d\d-\d\d)(?:[Tt ]${CLOCK_PART})?${ZONE_PART}$`,
);

/**
 * Reads a point in time. Without a zone it is UTC; a date alone is its midnight.
 *
 * @throws {InvalidValue} If `text` is none.
 */
export function parseWrittenTime(text: string): WrittenTime {
  if (text === "") throw new InvalidValue("it is empty", HINT);
  const clock = CLOCK.exec(text)?.groups;
  if (clock !== undefined) {
    return { text, kind: "clock", ns: timeOfDay(clock), zoneNs: zoneOffset(clock.zone) };
  }
  const instant = INSTANT.exec(text)?.groups;
  if (instant !== undefined) {
    const time = instant.hour === undefined ? 0n : timeOfDay(instant);
    const ns = midnight(instant.date!) + time - zoneOffset(instant.zone);
    if (ns > MAX_NS || ns < -MAX_NS) {
      throw new InvalidValue("it is outside of 1677 to 2262, which nanoseconds can tell", HINT);
    }
    return { text, kind: "instant", ns };
  }
  if (text.startsWith("-")) return { text, kind: "before end", ns: distance(text.slice(1)) };
  if (text.startsWith("+")) return { text, kind: "after start", ns: distance(text.slice(1)) };
  throw new InvalidValue("it is not a time", HINT);
}

type Parts = Readonly<Record<string, string | undefined>>;

function timeOfDay({ hour = "", minute = "", second = "0", fraction = "" }: Parts): bigint {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    throw new InvalidValue("there is no such time of day", "Write 00:00:00 to 23:59:59");
  }
  const seconds = (BigInt(hour) * 60n + BigInt(minute)) * 60n + BigInt(second);
  return seconds * NS_PER_SECOND + BigInt(fraction.padEnd(9, "0"));
}

function midnight(date: string): bigint {
  const ms = Date.parse(`${date}T00:00:00Z`);
  // A date that does not exist is the next month's to Date.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(date)) {
    throw new InvalidValue("there is no such date", HINT);
  }
  return BigInt(ms) * NS_PER_MS;
}

function zoneOffset(zone = "Z"): bigint {
  if (zone === "Z" || zone === "z") return 0n;
  const [hours, minutes] = [zone.slice(1, 3), zone.slice(3).replace(":", "") || "0"];
  if (Number(hours) > 23 || Number(minutes) > 59) {
    throw new InvalidValue("there is no such zone", 'Write it as in "+01:00" or "Z"');
  }
  const offset = (BigInt(hours) * 60n + BigInt(minutes)) * NS_PER_MINUTE;
  return zone.startsWith("-") ? -offset : offset;
}

function distance(text: string): bigint {
  try {
    return BigInt(parseLength(text)) * NS_PER_MS;
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw new InvalidValue(`"${text}" is no length of time: ${error.reason}`, HINT);
  }
}
