/**
 * Nets out of text, and the text of the addresses in them, as functions of SQL need them.
 *
 * @module
 */
import { ipv4Text, ipv6Text } from "../contract/address_text.ts";
import { byteMask, dottedNumbers, ipv6Bytes, maskedNet } from "../filter/address_literals.ts";

/** Which addresses are in a net, by what their text, or their value, is. */
export interface Net {
  /**
   * `exact`: the text is {@linkcode text}. `prefix`: it begins with that. `ipv4`: its number, `ipv6`: its 32
   * hexadecimal digits, are from {@linkcode first} to {@linkcode last}.
   */
  readonly kind: "exact" | "prefix" | "ipv4" | "ipv6";
  readonly text: string;
  readonly first: string;
  readonly last: string;
}

const IPV4_BYTES = 4;
const GROUP_BYTES = 2;

/** @returns null if the text is no net and no address */
export function parseNet(text: string): Net | null {
  const [address = "", length, ...rest] = text.split("/");
  const bytes = parseAddress(address);
  if (bytes === null || rest.length > 0) return null;
  const all = 8 * bytes.length;
  const bits = length === undefined ? all : /^\d{1,3}$/.test(length) ? Number(length) : NaN;
  // Not for NaN either.
  if (!(bits <= all)) return null;
  const { bytes: first } = maskedNet({ bytes, bits });
  const last = first.map((byte, index) => byte | byteMask(bits - 8 * index) ^ 0xff);
  const isIpv4 = bytes.length === IPV4_BYTES;
  const range = { first: valueOf(first), last: valueOf(last) };
  if (bits === all) return { kind: "exact", text: addressText(first), ...range };
  const prefix = isIpv4 ? ipv4Prefix(first, bits) : ipv6Prefix(first, bits);
  if (prefix !== null) return { kind: "prefix", text: prefix, ...range };
  return { kind: isIpv4 ? "ipv4" : "ipv6", text: "", ...range };
}

/**
 * The net that an address is in.
 *
 * @param bits for an address of IPv4, and of IPv6
 * @returns null if the text is no address
 */
export function netOf(text: string, bits: readonly [ipv4: number, ipv6: number]): string | null {
  const bytes = parseAddress(text);
  if (bytes === null) return null;
  const length = bits[bytes.length === IPV4_BYTES ? 0 : 1];
  return `${addressText(maskedNet({ bytes, bits: length }).bytes)}/${length}`;
}

/** A whole number of octets is how the text begins. */
function ipv4Prefix(bytes: readonly number[], bits: number): string | null {
  if (bits === 0 || bits % 8 !== 0) return null;
  return bytes.slice(0, bits / 8).map((byte) => `${byte}.`).join("");
}

/** Groups that are not zero stand in every text as they are: "::" can only come behind them (RFC 5952, 4.2). */
function ipv6Prefix(bytes: readonly number[], bits: number): string | null {
  if (bits === 0 || bits % 16 !== 0) return null;
  const groups = Array.from({ length: bits / 16 }, (_, index) => {
    return bytes[GROUP_BYTES * index]! << 8 | bytes[GROUP_BYTES * index + 1]!;
  });
  return groups.includes(0) ? null : groups.map((group) => `${group.toString(16)}:`).join("");
}

/** The bytes of an address, in any way that it may be written; with a zone it is none. */
function parseAddress(text: string): readonly number[] | null {
  const dotted = dottedNumbers(text);
  return dotted?.length === IPV4_BYTES ? dotted : ipv6Bytes(text) ?? null;
}

function valueOf(bytes: readonly number[]): string {
  const digits = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return bytes.length === IPV4_BYTES ? String(parseInt(digits, 16)) : digits;
}

function addressText(bytes: readonly number[]): string {
  const view = new DataView(new Uint8Array(bytes).buffer);
  if (bytes.length === IPV4_BYTES) return ipv4Text(view.getUint32(0, true));
  return ipv6Text([0, 4, 8, 12].map((offset) => view.getUint32(offset, true)));
}
