/**
 * What a name or number means with the words before it: pcap-filter(7), over recorded columns.
 *
 * @module
 */
import { constant } from "./arithmetic.ts";
import { bareMacBytes, maskedNet, type Net } from "./address_literals.ts";
import { FilterError, HostNameError } from "./filter_error.ts";
import { portNumbers, type PortRange, portRange } from "./port_names.ts";
import { protocolNumber } from "./protocol_names.ts";
import { type Ends, type Id, type Qualifiers, writtenQualifiers } from "./qualifiers.ts";
import { all, any, type Condition, type NumberColumn, type Relation, type Side } from "./tree.ts";
import {
  ETHERTYPE_OF_VERSION,
  ethertypeOf,
  ipProtocol,
  type Protocol,
  PROTOCOLS_WITH_PORTS,
} from "./words.ts";

/** A tag has 12 bits for it: IEEE 802.1Q, 9.6. */
const HIGHEST_VLAN = 4095;

/** Below stands a length in the place of an EtherType: IEEE 802.3, 3.2.6. */
const LOWEST_ETHERTYPE = 1536;

/** EtherTypes of the tags that are passed over. */
const TAGS = [0x8100, 0x88a8, 0x9100];

/** A column in relation to a number. */
export function related(
  column: NumberColumn,
  operator: Relation,
  value: number,
  position: number,
): Condition {
  const left = { kind: "column", column } as const;
  return { kind: "relation", operator, left, right: constant(value), position };
}

/** A protocol without anything behind it: pcap-filter(7), "abbreviations". */
export function abbreviation(protocol: Protocol, position: number): Condition {
  if (protocol === "ether") {
    throw new FilterError(
      'something is missing behind "ether"',
      position,
      'Write "ether host MAC"',
    );
  }
  if (protocol === "ip") return ipVersion(4, position);
  if (protocol === "ip6") return ipVersion(6, position);
  const upper = ipProtocol(protocol);
  if (upper !== undefined) return carries(upper.number, upper.version, position);
  return related("ethertype", "=", ethertypeOf(protocol)!, position);
}

/** What says that it is IP, or holds IP behind something else, as PPPoE does. */
function ipVersion(version: 4 | 6, position: number): Condition {
  return any(
    related("ethertype", "=", ETHERTYPE_OF_VERSION[version], position),
    related("ip_version", "=", version, position),
  );
}

function carries(protocol: number, version: 4 | 6 | null, position: number): Condition {
  const number = related("ip_protocol", "=", protocol, position);
  return version === null ? number : all(related("ip_version", "=", version, position), number);
}

/** `vlan`, and `vlan 10`. */
export function vlan(id: number | null, position: number): Condition {
  if (id === null) return { kind: "tagged", position };
  if (id > HIGHEST_VLAN) {
    throw new FilterError(
      `no VLAN has the number "${id}"`,
      position,
      `Numbers end at ${HIGHEST_VLAN}`,
    );
  }
  return related("vlan_id", "=", id, position);
}

/** `ether broadcast`, `multicast`, `ip multicast` and so on. */
export function toMany(
  word: "broadcast" | "multicast",
  protocol: Protocol | null,
  position: number,
): Condition {
  if (protocol === null || protocol === "ether") {
    if (word === "broadcast") {
      return { kind: "mac", side: "destination", bytes: new Array(6).fill(0xff), position };
    }
    // IEEE 802.3, 3.2.3: the lowest bit of the first byte.
    const first = {
      kind: "bytes",
      address: "mac",
      side: "destination",
      offset: 0,
      size: 1,
    } as const;
    const left = { kind: "computed", operator: "&", left: first, right: constant(1) } as const;
    return { kind: "relation", operator: "=", left, right: constant(1), position };
  }
  const destination = { kind: "address", side: "destination", position } as const;
  if (word === "multicast" && protocol === "ip") {
    return { ...destination, bytes: [224, 0, 0, 0], bits: 3 }; // as libpcap: 224.0.0.0 and all above
  }
  if (word === "multicast" && protocol === "ip6") {
    return { ...destination, bytes: [255, ...new Array<number>(15).fill(0)], bits: 8 };
  }
  if (word === "broadcast" && protocol === "ip") {
    throw new FilterError(
      '"ip broadcast" needs a netmask, which is not recorded',
      position,
      'Write "broadcast"',
    );
  }
  const hint = 'Write "broadcast", "multicast", "ip multicast" or "ip6 multicast"';
  throw new FilterError(`nothing is known of "${protocol} ${word}"`, position, hint);
}

/**
 * What a name or number means behind these words.
 *
 * @throws {FilterError} If it means nothing there, or cannot be known.
 */
export function meaning(qualifiers: Qualifiers, id: Id): Condition {
  switch (qualifiers.type) {
    case "proto":
      return protocolMeaning(qualifiers, id);
    case "port":
      return portMeaning(qualifiers, id, portNumbers(id));
    case "portrange":
      return portMeaning(qualifiers, id, portRange(id));
    default:
      return addressMeaning(qualifiers, id);
  }
}

function protocolMeaning({ protocol, ends }: Qualifiers, id: Id): Condition {
  if (ends !== "either") throw misplaced({ protocol, ends, type: "proto" }, id);
  if (protocol === "ether") {
    const type = id.kind === "number" && id.bits === null ? id.value : ethertypeOf(id.text);
    if (type === undefined || type > 0xffff) {
      const hint = 'Write its number, as in "ether proto 0x88cc"';
      throw new FilterError(`no EtherType is "${id.text}"`, id.position, hint);
    }
    if (type < LOWEST_ETHERTYPE) {
      const hint = `EtherTypes begin at ${LOWEST_ETHERTYPE}`;
      throw new FilterError(`the fields of LLC are not recorded: "${id.text}"`, id.position, hint);
    }
    if (TAGS.includes(type)) {
      const hint = 'Write "vlan": the EtherType that is recorded is the one behind VLAN tags';
      throw new FilterError(`a tag has no EtherType of its own: "${id.text}"`, id.position, hint);
    }
    return related("ethertype", "=", type, id.position);
  }
  const version = protocol === null ? null : protocol === "ip" ? 4 : protocol === "ip6" ? 6 : false;
  if (version === false) throw misplaced({ protocol, ends, type: "proto" }, id);
  return carries(protocolNumber(id), version, id.position);
}

function portMeaning(qualifiers: Qualifiers, id: Id, range: PortRange): Condition {
  const { protocol, ends } = qualifiers;
  const { position } = id;
  if (protocol !== null && !Object.hasOwn(PROTOCOLS_WITH_PORTS, protocol)) {
    throw new FilterError(
      `"${protocol}" has no ports that are recorded`,
      position,
      'Write "tcp port", "udp port" or "sctp port"',
    );
  }
  const written = protocol === null
    ? undefined
    : PROTOCOLS_WITH_PORTS[protocol as keyof typeof PROTOCOLS_WITH_PORTS];
  const own = range.protocol ?? undefined;
  if (written !== undefined && own !== undefined && written !== own) {
    const hint = range.first === range.last
      ? `Write the number, as in "${protocol} port ${range.first}"`
      : "Write the numbers";
    throw new FilterError(`"${protocol}" has no service of the name "${id.text}"`, position, hint);
  }
  const only = written ?? own;
  const numbers = only === undefined ? Object.values(PROTOCOLS_WITH_PORTS) : [only];
  const carried = any(...numbers.map((number) => related("ip_protocol", "=", number, position)));
  const port = (side: Side): Condition => {
    const column = `${side}_port` as const;
    if (range.first === range.last) return related(column, "=", range.first, position);
    return all(
      related(column, ">=", range.first, position),
      related(column, "<=", range.last, position),
    );
  };
  const ports = atEnds(ends, port);
  return written === undefined ? all(ports, carried) : all(carried, ports);
}

function addressMeaning(qualifiers: Qualifiers, id: Id): Condition {
  const { protocol, ends } = qualifiers;
  const { position } = id;
  if (protocol === "ether") {
    const bytes = id.kind === "mac" ? id.bytes : bareMacBytes(id.text);
    if (bytes === undefined || qualifiers.type === "net") {
      const hint = 'Write one, as in "ether host 02:00:5e:10:00:01"';
      throw new FilterError(`no MAC address is "${id.text}"`, position, hint);
    }
    return atEnds(ends, (side) => ({ kind: "mac", side, bytes, position }));
  }
  if (protocol !== null && protocol !== "ip" && protocol !== "ip6") {
    throw protocol === "arp" || protocol === "rarp"
      ? new FilterError(
        `the addresses in "${protocol}" are not recorded`,
        position,
        `Write "${protocol}" alone`,
      )
      : misplaced(qualifiers, id);
  }
  const net = netOf(qualifiers, id);
  const version = net.bytes.length === 4 ? "ip" : "ip6";
  if (protocol !== null && protocol !== version) {
    const hint = `Write "${version}" in its place`;
    throw new FilterError(`"${protocol}" has no such address as "${id.text}"`, position, hint);
  }
  return atEnds(ends, (side) => ({ kind: "address", side, ...net, position }));
}

function netOf(qualifiers: Qualifiers, id: Id): Net {
  const isNet = qualifiers.type === "net";
  if (id.kind === "mac") {
    const hint = `Write "ether host ${id.text}"`;
    throw new FilterError(`a MAC address stands where none can: "${id.text}"`, id.position, hint);
  }
  if (id.kind === "name") {
    throw isNet
      ? new FilterError(
        `names of nets are not known: "${id.text}"`,
        id.position,
        'Write the address, as in "net 10.0.0.0/8"',
      )
      : new HostNameError(id.text, id.position);
  }
  if (!isNet && id.bits !== null) {
    const hint = `Write "net ${id.text}"`;
    throw new FilterError(`only a net has a length: "${id.text}"`, id.position, hint);
  }
  if (id.kind === "ipv6") return checkedNet({ bytes: id.bytes, bits: id.bits ?? 128 }, id);
  const numbers = id.kind === "number" ? [id.value] : id.numbers;
  if (numbers[0]! > 255 || !isNet && numbers.length < 4) {
    const hint = numbers[0]! > 255 ? 'Write all of it, as in "10.0.0.1"' : `Write "net ${id.text}"`;
    throw new FilterError(`no whole address is "${id.text}"`, id.position, hint);
  }
  const bytes = [...numbers, ...new Array<number>(4 - numbers.length).fill(0)];
  return checkedNet({ bytes, bits: id.bits ?? 8 * numbers.length }, id);
}

/** As libpcap, which takes 10.1.2.3/8 for a slip of the pen. */
function checkedNet(net: Net, id: Id): Net {
  if (net.bits > 8 * net.bytes.length) {
    const hint = `The length ends at ${8 * net.bytes.length}`;
    throw new FilterError(`no net has the length of "${id.text}"`, id.position, hint);
  }
  const masked = maskedNet(net);
  if (masked.bytes.some((byte, index) => byte !== net.bytes[index])) {
    const hint = masked.bytes.length === 4
      ? `Write "${masked.bytes.join(".")}/${masked.bits}"`
      : "Set them to 0, or write a greater length";
    throw new FilterError(`bits are set behind the length of "${id.text}"`, id.position, hint);
  }
  return masked;
}

/** A condition for one end of the packet, for the ends that are meant. */
function atEnds(ends: Ends, condition: (side: Side) => Condition): Condition {
  switch (ends) {
    case "source":
    case "destination":
      return condition(ends);
    case "either":
      return any(condition("source"), condition("destination"));
    case "both":
      return all(condition("source"), condition("destination"));
  }
}

function misplaced(qualifiers: Qualifiers, id: Id): FilterError {
  const reason = `nothing is known of "${writtenQualifiers(qualifiers)} ${id.text}"`;
  const { protocol, type } = qualifiers;
  const others = writtenQualifiers({ ...qualifiers, protocol: null });
  const hint = type === "proto" ? `"proto ${id.text}"` : `"${protocol} and ${others} ${id.text}"`;
  return new FilterError(reason, id.position, `Write ${hint}`);
}
