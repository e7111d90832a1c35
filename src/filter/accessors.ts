/**
 * `tcp[13]` and the like: which recorded column holds a byte of a header.
 *
 * @module
 */
import { computed, constant } from "./arithmetic.ts";
import { FilterError } from "./filter_error.ts";
import type { AddressKind, Condition, NumberColumn, Side, Value } from "./tree.ts";
import { ipProtocol, own } from "./words.ts";

/** A value, and what a packet must be for it to be there. */
export interface GuardedValue {
  readonly value: Value;
  readonly guards: readonly Condition[];
}

/** A field of a header that is recorded. */
type Region =
  & { readonly offset: number; readonly size: number }
  & ({ readonly number: NumberColumn } | { readonly address: AddressKind; readonly side: Side });

const PORTS: readonly Region[] = [
  { offset: 0, size: 2, number: "source_port" },
  { offset: 2, size: 2, number: "destination_port" },
];

const ICMP: readonly Region[] = [
  { offset: 0, size: 1, number: "icmp_type" },
  { offset: 1, size: 1, number: "icmp_code" },
];

const HEADERS: Readonly<Record<string, readonly Region[]>> = {
  // IEEE 802.3, 3.1.1
  ether: [
    { offset: 0, size: 6, address: "mac", side: "destination" },
    { offset: 6, size: 6, address: "mac", side: "source" },
  ],
  // RFC 791, 3.1
  ip: [
    { offset: 1, size: 1, number: "traffic_class" },
    { offset: 8, size: 1, number: "ttl" },
    { offset: 9, size: 1, number: "ip_protocol" },
    { offset: 12, size: 4, address: "ipv4", side: "source" },
    { offset: 16, size: 4, address: "ipv4", side: "destination" },
  ],
  // RFC 8200, 3
  ip6: [
    { offset: 7, size: 1, number: "ttl" },
    { offset: 8, size: 16, address: "ipv6", side: "source" },
    { offset: 24, size: 16, address: "ipv6", side: "destination" },
  ],
  // RFC 9293, 3.1
  tcp: [
    ...PORTS,
    { offset: 4, size: 4, number: "tcp_sequence" },
    { offset: 8, size: 4, number: "tcp_acknowledgment" },
    { offset: 13, size: 1, number: "tcp_flags" },
    { offset: 14, size: 2, number: "tcp_window" },
  ],
  udp: PORTS, // RFC 768
  sctp: PORTS, // RFC 9260, 3.1
  icmp: ICMP, // RFC 792
  icmp6: ICMP, // RFC 4443, 2.1
};

/** What to write instead of some bytes that are not recorded as such. */
const INSTEAD: Readonly<Record<string, string>> = {
  "ether 12": 'Write "ether proto" for the EtherType behind VLAN tags, "vlan" for the tag',
  "ether 13": 'Write "ether proto" for the EtherType behind VLAN tags, "vlan" for the tag',
  "ip 6": 'Write "fragment" for a part of a fragmented datagram',
  "ip 7": 'Write "fragment" for a part of a fragmented datagram',
  "ip6 6": 'Write "ip6 proto" for the protocol behind extension headers',
};

/**
 * `protocol[offset:size]`.
 *
 * @param position of the word
 * @throws {FilterError} If one of the bytes is not recorded.
 */
export function accessor(
  protocol: string,
  offset: number,
  size: 1 | 2 | 4,
  position: number,
): GuardedValue {
  const regions = own(HEADERS, protocol) ?? [];
  let value = constant(0);
  for (let at = offset; at < offset + size;) {
    const region = regions.find((one) => one.offset <= at && at < one.offset + one.size);
    if (region === undefined) throw notRecorded(protocol, at, position);
    const end = Math.min(region.offset + region.size, offset + size);
    const part = regionBytes(region, at - region.offset, end - at);
    const shifted = computed("<<", part, constant(8 * (offset + size - end)));
    value = at === offset ? plain(shifted) : computed("|", value, plain(shifted));
    at = end;
  }
  return { value, guards: guardsOf(protocol, position) };
}

/** `size` bytes of a field, from byte `from` of it on. */
function regionBytes(region: Region, from: number, size: number): Value {
  if ("address" in region) return addressBytes(region, from, size);
  const column: Value = { kind: "column", column: region.number };
  const behind = region.size - from - size;
  if (size === region.size) return column;
  const shifted = behind === 0 ? column : computed(">>", column, constant(8 * behind));
  return from === 0 ? shifted : computed("&", shifted, constant(2 ** (8 * size) - 1));
}

/** Of three bytes, two and one: as they can be loaded. */
function addressBytes(
  of: { readonly address: AddressKind; readonly side: Side },
  offset: number,
  size: number,
): Value {
  const { address, side } = of;
  if (size !== 3) return { kind: "bytes", address, side, offset, size: size as 1 | 2 | 4 };
  const upper = computed("<<", addressBytes(of, offset, 2), constant(8));
  return computed("|", upper, addressBytes(of, offset + 2, 1));
}

/** Without a shift by nothing. */
function plain(value: Value): Value {
  const isIdle = value.kind === "computed" && value.operator === "<<" &&
    value.right.kind === "constant" && value.right.value === 0;
  return isIdle ? value.left : value;
}

function guardsOf(protocol: string, position: number): Condition[] {
  if (protocol === "ether") return [];
  const equals = (column: NumberColumn, value: number): Condition => ({
    kind: "relation",
    operator: "=",
    left: { kind: "column", column },
    right: constant(value),
    position,
  });
  if (protocol === "ip") return [equals("ip_version", 4)];
  if (protocol === "ip6") return [equals("ip_version", 6)];
  const { number, version } = ipProtocol(protocol)!;
  const guards = [equals("ip_protocol", number)];
  return version === null ? guards : [equals("ip_version", version), ...guards];
}

function notRecorded(protocol: string, byte: number, position: number): FilterError {
  const reason = Object.hasOwn(HEADERS, protocol)
    ? `byte ${byte} of "${protocol}" is not recorded`
    : `the bytes of "${protocol}" are not recorded`;
  const hint = INSTEAD[`${protocol} ${byte}`] ??
    "Only what is a column of a recording can be compared";
  return new FilterError(reason, position, hint);
}
