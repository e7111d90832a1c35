/**
 * The network that an address is in, as SQL over its text (RFC 5952).
 *
 * @module
 */
import { InvalidValue } from "../core/invalid_value.ts";
import { INVALID_TEXT } from "../contract/printed_text.ts";

/** Bits of the prefixes. A site has many /64, and a host often several addresses in one (RFC 4291, 2.5.1). */
export interface PrefixLengths {
  readonly ipv4: number;
  readonly ipv6: number;
}

export const DEFAULT_PREFIXES: PrefixLengths = { ipv4: 24, ipv6: 64 };

const IPV4_BITS = 32;
const IPV6_BITS = 128;
/** Behind that stands the host's own part, of which few ask. */
const IPV6_NETWORK_BITS = 64;

/**
 * Reads what stands behind `subnet/`: `24`, or `24/48` for IPv4 and IPv6.
 *
 * @throws {InvalidValue} It is neither.
 */
export function parsePrefixes(text: string): readonly number[] {
  const numbers = /^(\d{1,3})(?:\/(\d{1,3}))?$/.exec(text);
  const [ipv4, ipv6] = [Number(numbers?.[1]), Number(numbers?.[2] ?? DEFAULT_PREFIXES.ipv6)];
  if (ipv4 <= IPV4_BITS && ipv6 <= IPV6_BITS) return [ipv4, ipv6];
  throw new InvalidValue(
    "it is no length of a prefix",
    'Write "subnet/24" for IPv4, up to 32, or "subnet/24/48" for IPv4 and IPv6, up to 128',
  );
}

/** The lengths that {@linkcode parsePrefixes} read; the default ones where nothing was written. */
export function prefixesOf([ipv4, ipv6]: readonly number[]): PrefixLengths {
  return {
    ipv4: ipv4 ?? DEFAULT_PREFIXES.ipv4,
    ipv6: ipv6 ?? DEFAULT_PREFIXES.ipv6,
  };
}

/**
 * SQL for `192.0.2.0/24` or `2001:db8::/64`; `invalid` for what is no address. Longer prefixes of IPv6 than
 * that are left to the function `subnet` (`src/query/sql_macros.ts`).
 */
export function networkOf(address: string, { ipv4, ipv6 }: PrefixLengths): string {
  const octets = `str_split(${address}, '.')`;
  const octet = (index: number) => `TRY_CAST(${octets}[${index + 1}] AS UTINYINT)::BIGINT`;
  const value = `((${octet(0)} << 24) | (${octet(1)} << 16) | (${octet(2)} << 8) | ${octet(3)})`;
  const base = `((${value} >> ${IPV4_BITS - ipv4}) << ${IPV4_BITS - ipv4})`;
  const dotted = [24, 16, 8, 0].map((shift) => `((${base} >> ${shift}) & 255)`).join(" || '.' || ");
  return `coalesce(
    CASE WHEN contains(${address}, ':') THEN ${longOrShort(address, ipv6)}
      WHEN len(${octets}) = 4 THEN ${dotted} || '/${ipv4}' END,
    '${INVALID_TEXT}')`;
}

function longOrShort(address: string, length: number): string {
  return length > IPV6_NETWORK_BITS
    ? `subnet(${address}, ipv6_bits := ${length})`
    : ipv6Network(address, length);
}

/**
 * Only the first four groups are looked at: behind them all is zero, which is the longest run of zeros, so
 * that `::` stands there.
 */
function ipv6Network(address: string, length: number): string {
  // What stands before "::", then zeros, then what stands behind it. Groups of the last 64 bits may be
  // there or not; that a dotted end is one part where it is two groups is made up for.
  const head = `str_split(split_part(${address}, '::', 1), ':')`;
  const tail = `str_split(split_part(${address}, '::', 2), ':')`;
  const dotted = `CASE WHEN contains(${address}, '.') THEN 1 ELSE 0 END`;
  const group = (index: number) => {
    const fromTail = `${tail}[${index + 1} - (8 - len(${tail}) - (${dotted}))]`;
    const inTail = `${index} >= 8 - len(${tail}) - (${dotted}) AND ${tail} <> ['']`;
    const text = `CASE WHEN NOT contains(${address}, '::') THEN str_split(${address}, ':')[${
      index + 1
    }]
      WHEN ${index} < len(${head}) AND ${head} <> [''] THEN ${head}[${index + 1}]
      WHEN ${inTail} THEN ${fromTail}
      ELSE '0' END`;
    const bits = Math.min(16, Math.max(0, length - 16 * index));
    const number = `TRY_CAST('0x' || (${text}) AS USMALLINT)::INT`;
    return bits === 0 ? "0" : `((${number} >> ${16 - bits}) << ${16 - bits})`;
  };
  const groups = [0, 1, 2, 3].map((index) => `printf('%x', ${group(index)})`);
  // NULL where a group is no number.
  return `regexp_replace(${groups.join(" || ':' || ")} || '::', '^(0:)*0::$|(:0)*::$', '::') ||
      '/${length}'`;
}
