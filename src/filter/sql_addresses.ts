/**
 * Nets as conditions over the text of addresses, without a conversion for each row: texts of one net
 * lie in a few ranges, once it is known how they are written (RFC 5952 for IPv6).
 *
 * @module
 */
import { hexGroups, ipv6Text } from "../contract/address_text.ts";
import type { Net } from "./address_literals.ts";
import { ipv6Digits } from "./sql_ipv6_digits.ts";

/** More ranges are replaced by fewer, with a look at how many digits a number has. */
const MOST_RUNS = 5;

/** How an IPv4-mapped address begins: RFC 5952, 5. */
const MAPPED = "::ffff:";

/** Text for SQL. */
export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** That the address in `column` belongs to a net. */
export function addressSql(column: string, { bytes, bits }: Net): string {
  if (bytes.length === 4) return ipv4Sql(column, bytes, bits);
  const isMapped = bits >= 96 && bytes.slice(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 0xff && bytes[11] === 0xff;
  if (!isMapped) return ipv6Sql(column, bytes, bits);
  // "::ffff:1" is another address, whose text is not dotted.
  if (bits === 96) return `(${startsWith(column, MAPPED)} AND contains(${column}, '.'))`;
  const ranges = ipv4Ranges(column, bytes.slice(12), bits - 96, MAPPED);
  return `(contains(${column}, '.') AND ${ranges})`;
}

function ipv4Sql(column: string, bytes: readonly number[], bits: number): string {
  if (bits === 0) return `(ip_version = 4 AND ${column} IS NOT NULL)`;
  const ranges = ipv4Ranges(column, bytes, bits, "");
  // "1000::" lies between "100." and "109.".
  return bits % 8 === 0 ? ranges : `(ip_version = 4 AND ${ranges})`;
}

function ipv4Ranges(
  column: string,
  bytes: readonly number[],
  bits: number,
  before: string,
): string {
  const whole = Math.floor(bits / 8);
  if (whole === 4) return `${column} = ${textLiteral(before + bytes.join("."))}`;
  const start = before + bytes.slice(0, whole).map((byte) => `${byte}.`).join("");
  if (bits % 8 === 0) return startsWith(column, start);
  const first = bytes[whole]!;
  const last = first + 2 ** (8 - bits % 8) - 1;
  const dot = whole === 3 ? "" : ".";
  const runs = octetRuns(first, last, dot);
  const ranges = runs.length > MOST_RUNS
    ? sizedRanges(column, start, { first, last, base: 10, most: 3 }, dot)
    : runs.map(([low, high]) => runRange(column, start, [low, high], dot));
  // Most addresses lie far away, which one comparison tells.
  return start === "" ? anyOf(ranges) : `(${startsWith(column, start)} AND ${anyOf(ranges)})`;
}

function runRange(
  column: string,
  start: string,
  [low, high]: readonly [string, string],
  dot: string,
): string {
  const below = dot === ""
    ? `${column} <= ${textLiteral(start + high)}`
    : `${column} < ${textLiteral(start + high + "/")}`; // "/" is behind "."
  return `(${column} >= ${textLiteral(start + low + dot)} AND ${below})`;
}

/** The numbers from `first` to `last` as ranges of their texts, each of which lies between no others. */
function octetRuns(first: number, last: number, end: string): [string, string][] {
  const texts = Array.from({ length: 256 }, (_, octet) => `${octet}${end}`).sort();
  const runs: [string, string][] = [];
  let isOpen = false;
  for (const text of texts) {
    const octet = parseInt(text);
    const isWanted = first <= octet && octet <= last;
    if (isWanted && isOpen) runs.at(-1)![1] = String(octet);
    else if (isWanted) runs.push([String(octet), String(octet)]);
    isOpen = isWanted;
  }
  return runs;
}

/** That a text begins with another one, which is not empty. As a range: row groups know theirs. */
function startsWith(column: string, start: string): string {
  const next = start.slice(0, -1) + String.fromCharCode(start.charCodeAt(start.length - 1) + 1);
  return `(${column} >= ${textLiteral(start)} AND ${column} < ${textLiteral(next)})`;
}

function ipv6Sql(column: string, bytes: readonly number[], bits: number): string {
  if (bits === 0) return `(ip_version = 6 AND ${column} IS NOT NULL)`;
  if (bits >= 120) {
    const texts = Array.from({ length: 2 ** (128 - bits) }, (_, index) => lastByte(bytes, index));
    const literals = texts.map(textLiteral);
    return literals.length === 1
      ? `${column} = ${literals[0]}`
      : `${column} IN (${literals.join(", ")})`;
  }
  const groups = Array.from(
    { length: 8 },
    (_, group) => bytes[2 * group]! << 8 | bytes[2 * group + 1]!,
  );
  // Between 80 and 96 bits some addresses may be mapped ones; in the last group no colon follows.
  const mayBeMapped = bits > 80 && bits < 96 && groups.slice(0, 5).every((group) => group === 0);
  if (bits <= 112 && !mayBeMapped) return anyOf(ipv6Forms(column, groups, bits));
  // The net around it, of which all can be told from the text, leaves few to be looked at more closely.
  const around = anyOf(ipv6Forms(column, groups, bits > 112 ? 112 : 80));
  return `(${around} AND ${digitsSql(column, bytes, bits)})`;
}

function anyOf(forms: readonly string[]): string {
  return forms.length === 1 ? forms[0]! : `(${forms.join(" OR ")})`;
}

function lastByte(bytes: readonly number[], index: number): string {
  const view = new DataView(new Uint8Array([...bytes.slice(0, 15), bytes[15]! + index]).buffer);
  return ipv6Text([0, 4, 8, 12].map((offset) => view.getUint32(offset, true)));
}

function digitsSql(column: string, bytes: readonly number[], bits: number): string {
  const digits = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const ones = "1".repeat(128 - bits).padStart(128, "0");
  const last = bytes.map((byte, index) =>
    (byte | parseInt(ones.slice(8 * index, 8 * index + 8), 2)).toString(16).padStart(2, "0")
  );
  return `${ipv6Digits(column)} BETWEEN '${digits}' AND '${last.join("")}'`;
}

/**
 * The ways in which addresses of a net are written. The net fixes the first groups of eight, and perhaps
 * some bits of one more. `::` stands for two or more groups of 0: behind all that is fixed, within it, or
 * from within it to somewhere behind. Where it stands is seen from what is before it; how many groups it
 * stands for, from the number of colons.
 */
function ipv6Forms(column: string, groups: readonly number[], bits: number): string[] {
  const whole = Math.floor(bits / 16);
  const rest = bits % 16;
  const fixed = Math.ceil(bits / 16);
  const canBeZero = (group: number) => group >= fixed || groups[group] === 0;
  const behind = (start: string) =>
    rest === 0 ? [startsWith(column, start)] : groupRanges(column, start, groups[whole]!, rest);
  const written = (from: number, to: number) => hexGroups(groups.slice(from, to));
  const ended = (text: string) => text === "" ? "" : `${text}:`;

  const forms = behind(ended(written(0, whole)));
  for (let start = 0; start < fixed; start++) {
    const before = `${written(0, start)}::`;
    const beforeStart = start === 0 ? 1 : 0; // "::1" has a colon more than "1::1" has for its groups
    for (let end = start; end < fixed && canBeZero(end); end++) {
      const length = end + 1 - start;
      if (end + 1 === fixed) {
        const most = Math.max(8 - Math.max(2, length), start + 1 - beforeStart) + beforeStart;
        forms.push(`(${startsWith(column, before)} AND ${colons(column)} <= ${most})`);
      } else if (length >= 2) {
        const counted = `${colons(column)} = ${8 - length + beforeStart}`;
        for (const range of behind(before + ended(written(end + 1, whole)))) {
          forms.push(`(${range} AND ${counted})`);
        }
      }
    }
  }
  return forms;
}

/** A group of which `bits` bits are fixed, behind `start`. */
function groupRanges(column: string, start: string, group: number, bits: number): string[] {
  const last = group + 2 ** (16 - bits) - 1;
  return sizedRanges(column, start, { first: group, last, base: 16, most: 4 }, ":");
}

/**
 * A number behind `start`, with `end` behind it or nothing: a range for each number of digits that it may
 * have. Texts of equally many digits are in the order of their numbers.
 */
function sizedRanges(
  column: string,
  start: string,
  { first, last, base, most }: {
    readonly first: number;
    readonly last: number;
    readonly base: 10 | 16;
    readonly most: number;
  },
  end: string,
): string[] {
  const ranges: string[] = [];
  for (let digits = 1; digits <= most; digits++) {
    const low = Math.max(first, digits === 1 ? 0 : base ** (digits - 1));
    const high = Math.min(last, base ** digits - 1);
    if (low > high) continue;
    // "g" is behind all digits.
    const above = high === base ** digits - 1 ? "g" : (high + 1).toString(base);
    const size = end === ""
      ? `length(${column}) = ${start.length + digits}`
      : `strpos(substr(${column}, ${start.length + 1}), '${end}') = ${digits + 1}`;
    ranges.push(
      `(${column} >= ${textLiteral(start + low.toString(base))} AND ` +
        `${column} < ${textLiteral(start + above)} AND ${size})`,
    );
  }
  return ranges;
}

function colons(column: string): string {
  return `(length(${column}) - length(replace(${column}, ':', '')))`;
}
