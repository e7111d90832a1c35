/**
 * Text of addresses. The functions that take words want them as they lie in memory: bytes in network
 * order, read as little-endian integers, so that the first byte is the low one.
 *
 * @module
 */

/** Groups of 16 bits in an IPv6 address. */
const GROUPS = 8;

const HEX_OCTET: readonly string[] = Array.from(
  { length: 256 },
  (_, octet) => octet.toString(16).padStart(2, "0"),
);

/**
 * Dotted decimal text of an IPv4 address.
 *
 * @param word the four bytes as they lie in memory
 */
export function ipv4Text(word: number): string {
  return `${word & 0xff}.${word >>> 8 & 0xff}.${word >>> 16 & 0xff}.${word >>> 24}`;
}

/**
 * Text of an IPv6 address as RFC 5952, section 4, wants it: lower case, no leading zeros, `::` for the
 * longest run of at least two zero groups, the first one if several are equally long. An IPv4-mapped
 * address (`::ffff:0:0/96`) is written `::ffff:192.0.2.1` (section 5), as inet_ntop(3) writes it; no
 * other prefix is.
 *
 * @param words 16 bytes as they lie in memory, from index `first` on
 */
export function ipv6Text(words: ArrayLike<number>, first = 0): string {
  const groups = new Array<number>(GROUPS);
  for (let pair = 0; pair < GROUPS / 2; pair++) {
    const word = words[first + pair]!;
    groups[2 * pair] = (word & 0xff) << 8 | word >>> 8 & 0xff;
    groups[2 * pair + 1] = (word >>> 16 & 0xff) << 8 | word >>> 24;
  }
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  if (mapped) return `::ffff:${ipv4Text(words[first + 3]!)}`;

  const { start, length } = longestZeroRun(groups);
  if (length < 2) return hexGroups(groups);
  return `${hexGroups(groups.slice(0, start))}::${hexGroups(groups.slice(start + length))}`;
}

/**
 * Text of a MAC address: `aa:bb:cc:dd:ee:ff`.
 *
 * @param head its first four bytes as they lie in memory
 * @param tail its last two bytes as they lie in memory, 16 bits
 */
export function macText(head: number, tail: number): string {
  return `${HEX_OCTET[head & 0xff]}:${HEX_OCTET[head >>> 8 & 0xff]}:` +
    `${HEX_OCTET[head >>> 16 & 0xff]}:${HEX_OCTET[head >>> 24]}:` +
    `${HEX_OCTET[tail & 0xff]}:${HEX_OCTET[tail >>> 8]}`;
}

/**
 * Text of an address of the sender statistics: an IPv4-mapped one stands for IPv4 and is written as
 * such, any other one as IPv6.
 *
 * @param bytes 16 bytes in network order
 */
export function addressText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const words = [0, 4, 8, 12].map((offset) => view.getUint32(offset, true));
  const mapped = words[0] === 0 && words[1] === 0 && view.getUint32(8) === 0xffff;
  return mapped ? ipv4Text(words[3]!) : ipv6Text(words);
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let group = 0; group < GROUPS; group++) {
    if (groups[group] !== 0) start = group + 1;
    else if (group + 1 - start > best.length) best = { start, length: group + 1 - start };
  }
  return best;
}

/** Groups of an IPv6 address as hexadecimal text with colons between them. */
export function hexGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}
