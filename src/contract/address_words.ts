/**
 * Addresses out of their text: the way back from `address_text.ts`.
 *
 * @module
 */

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const MAC = /^([0-9a-f]{2})(?::([0-9a-f]{2})){5}$/;
const GROUP = /^[0-9a-f]{1,4}$/;
const IPV6_GROUPS = 8;

/**
 * The four bytes of an IPv4 address in dotted decimal, as they lie in memory.
 *
 * @returns null if the text is none
 */
export function ipv4Word(text: string): number | null {
  const octets = IPV4.exec(text)?.slice(1).map(Number);
  if (octets === undefined || octets.some((octet) => octet > 255)) return null;
  const [a, b, c, d] = octets as [number, number, number, number];
  return (a | b << 8 | c << 16 | d << 24) >>> 0;
}

/**
 * The 16 bytes of an IPv6 address, as they lie in memory: four words.
 *
 * @returns null if the text is none
 */
export function ipv6Words(text: string): Uint32Array | null {
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return null;
  const before = groupsOf(head, tail === undefined);
  const after = tail === undefined ? [] : groupsOf(tail, true);
  if (before === null || after === null) return null;
  const missing = IPV6_GROUPS - before.length - after.length;
  // "::" stands for one group at least (RFC 4291, section 2.2).
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...before, ...new Array<number>(missing).fill(0), ...after];
  const bytes = new DataView(new ArrayBuffer(16));
  groups.forEach((group, index) => bytes.setUint16(2 * index, group));
  return Uint32Array.from({ length: 4 }, (_, index) => bytes.getUint32(4 * index, true));
}

/**
 * The six bytes of a MAC address in frame order.
 *
 * @returns null if the text is none
 */
export function macBytes(text: string): Uint8Array | null {
  return MAC.test(text)
    ? Uint8Array.from(text.split(":"), (octet) => Number.parseInt(octet, 16))
    : null;
}

/** The groups of a part of an address. @param isLast whether an IPv4 address may end it */
function groupsOf(text: string, isLast: boolean): number[] | null {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const word = isLast && index === parts.length - 1 ? ipv4Word(part) : null;
    if (word === null) return null;
    groups.push((word & 0xff) << 8 | word >>> 8 & 0xff, (word >>> 16 & 0xff) << 8 | word >>> 24);
  }
  return groups;
}
