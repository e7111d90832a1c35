/**
 * Addresses as they are written in a filter, to bytes in network order.
 *
 * @module
 */

/** A net: its first `bits` are those of `bytes`. */
export interface Net {
  /** 4 or 16. */
  readonly bytes: readonly number[];
  readonly bits: number;
}

const OCTET = /^(?:0|[1-9]\d{0,2})$/;

/**
 * One to four numbers with dots.
 *
 * @returns the numbers; undefined if `text` is something else, or one is above 255
 */
export function dottedNumbers(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length > 4 || !parts.every((part) => OCTET.test(part))) return undefined;
  const numbers = parts.map(Number);
  return numbers.every((number) => number <= 255) ? numbers : undefined;
}

/** The 16 bytes of an IPv6 address in any text of RFC 4291, 2.2; undefined if it is none. */
export function ipv6Bytes(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => groups(half, index === halves.length - 1));
  if (head === undefined || halves.length === 2 && tail === undefined) return undefined;
  const missing = 16 - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail ?? []];
}

/** Bytes of groups with colons; the last one may be an IPv4 address if `mayEndDotted`. */
function groups(text: string, mayEndDotted: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      const group = parseInt(part, 16);
      bytes.push(group >> 8, group & 0xff);
      continue;
    }
    const dotted = mayEndDotted && index === parts.length - 1 ? dottedNumbers(part) : undefined;
    if (dotted?.length !== 4) return undefined;
    bytes.push(...dotted);
  }
  return bytes;
}

/** Texts of MAC addresses in pcap-filter(7), without that of twelve digits and nothing else. */
const MAC_TEXTS = [
  /^(?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/i,
  /^(?:[0-9a-f]{1,2}-){5}[0-9a-f]{1,2}$/i,
  /^(?:[0-9a-f]{1,2}\.){5}[0-9a-f]{1,2}$/i,
  /^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$/i,
];

/** The 6 bytes of a MAC address; undefined if it is none. */
export function macBytes(text: string): number[] | undefined {
  if (!MAC_TEXTS.some((pattern) => pattern.test(text))) return undefined;
  const parts = text.split(/[:.-]/);
  const digits = parts.map((part) => part.padStart(parts.length === 3 ? 4 : 2, "0")).join("");
  return bareMacBytes(digits);
}

/** The 6 bytes of a MAC address written as twelve digits; undefined if it is none. */
export function bareMacBytes(text: string): number[] | undefined {
  if (!/^[0-9a-f]{12}$/i.test(text)) return undefined;
  return [0, 2, 4, 6, 8, 10].map((index) => parseInt(text.slice(index, index + 2), 16));
}

/** The net with all bits behind its length 0. */
export function maskedNet({ bytes, bits }: Net): Net {
  return { bits, bytes: bytes.map((byte, index) => byte & byteMask(bits - 8 * index)) };
}

/** The byte whose upper `bits` are 1; all for 8 and more, none for 0 and less. */
export function byteMask(bits: number): number {
  return bits >= 8 ? 0xff : bits <= 0 ? 0 : 0xff << 8 - bits & 0xff;
}

/** How many bits a netmask has; undefined if its ones are not all in front. */
export function maskBits(bytes: readonly number[]): number | undefined {
  const text = bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return /^1*0*$/.test(text) ? text.replaceAll("0", "").length : undefined;
}
