/**
 * A second parser of the contract in `bpf/event.h`, for tests only: what the record of a frame must
 * be. Written from the contract and the RFCs, not from the BPF sources, so that a misreading in one
 * of the two shows as a disagreement.
 *
 * It works on the whole frame in memory, so nothing here depends on how the kernel splits a packet.
 *
 * @module
 */
import {
  EVENT_FLAG,
  PRESENT,
  RECORD_BYTES,
  RECORD_OFFSET,
} from "../../src/contract/record_layout.ts";

/** What a socket buffer knows of a packet besides its bytes; XDP knows nothing of it. */
export interface PacketMetadata {
  /** The outer VLAN tag's TCI, when the tag was taken out of the frame. */
  readonly vlanTci?: number;
  /** Packets on the wire that this one stands for (`gso_segs`); 0 or 1: just itself. */
  readonly gsoSegments?: number;
  /** The packet starts with its network layer, of this EtherType, which stands nowhere in it. */
  readonly bareType?: number;
}

export interface ReferenceResult {
  /** All bytes of `struct packet_event`; the timestamp is 0. */
  readonly record: Uint8Array<ArrayBuffer>;
  /** Whether the packet counts as `parse_limit`. */
  readonly parseLimit: boolean;
}

/** What lies behind the IP headers. */
interface Datagram {
  readonly ipv6: boolean;
  readonly protocol: number;
  /** Offset in the frame of the first byte behind the IP headers. */
  readonly start: number;
  /** Offset of the first byte behind the datagram, by its own length field: may be past the frame. */
  readonly end: number;
}

const ETHERNET_HEADER_BYTES = 14;
/** IEEE 802.1Q customer tag, 802.1ad service tag, and the tag number used before 802.1ad. */
const TAG_TYPES: readonly number[] = [0x8100, 0x88a8, 0x9100];
const MOST_TAGS = 8;
/** LLC of SNAP (IEEE 802, 9.2) with the organizations that take EtherTypes: RFC 1042, IEEE 802.1H. */
const SNAP_STARTS: readonly string[] = ["aaaa03000000", "aaaa030000f8"];
const SNAP_BYTES = 8;
const PPPOE_SESSION = 0x8864;
/** PPP protocol numbers in hexadecimal, also compressed (RFC 1661, 6.5), with what they announce. */
const PPP_NETWORKS: Readonly<Record<string, number>> = {
  "0021": 0x0800,
  "21": 0x0800,
  "0057": 0x86dd,
  "57": 0x86dd,
};
/** A smaller type field is the length of an IEEE 802.3 frame: IEEE 802.3, 3.2.6. */
const LEAST_ETHERTYPE = 0x0600;

const LARGEST_LENGTH_FIELD = 0xffff;

const MOST_EXTENSION_HEADERS = 8;
const FRAGMENT_HEADER = 44;
const AUTHENTICATION_HEADER = 51;
/** Hop-by-hop, routing, destination options (RFC 8200, 4) and mobility (RFC 6275, 6.1). */
const SIZED_IN_8_BYTES: readonly number[] = [0, 43, 60, 135];

/** The record for `frame`, as seen by an attachment. */
export function referenceRecord(
  frame: Uint8Array,
  attachment: number,
  metadata: PacketMetadata = {},
): ReferenceResult {
  const parser = new ReferenceParser(frame, metadata);
  parser.parse();
  parser.record.put8("attachment", attachment);
  return { record: parser.record.bytes, parseLimit: parser.parseLimit };
}

class RecordDraft {
  readonly bytes = new Uint8Array(RECORD_BYTES);
  readonly #view = new DataView(this.bytes.buffer);

  put8(field: keyof typeof RECORD_OFFSET, value: number): void {
    this.#view.setUint8(RECORD_OFFSET[field], value);
  }

  put16(field: keyof typeof RECORD_OFFSET, value: number): void {
    this.#view.setUint16(RECORD_OFFSET[field], value, true);
  }

  put32(field: keyof typeof RECORD_OFFSET, value: number): void {
    this.#view.setUint32(RECORD_OFFSET[field], value, true);
  }

  copy(field: keyof typeof RECORD_OFFSET, source: Uint8Array): void {
    this.bytes.set(source, RECORD_OFFSET[field]);
  }

  has(bit: keyof typeof PRESENT): void {
    const bits = this.#view.getUint16(RECORD_OFFSET.present, true);
    this.put16("present", bits | PRESENT[bit]);
  }

  flag(bit: keyof typeof EVENT_FLAG): void {
    const bits = this.#view.getUint8(RECORD_OFFSET.flags);
    this.put8("flags", bits | EVENT_FLAG[bit]);
  }
}

class ReferenceParser {
  readonly record = new RecordDraft();
  parseLimit = false;
  readonly #frame: Uint8Array;
  readonly #metadata: PacketMetadata;

  constructor(frame: Uint8Array, metadata: PacketMetadata) {
    this.#frame = frame;
    this.#metadata = metadata;
  }

  parse(): void {
    const tagBytes = this.#metadata.vlanTci === undefined ? 0 : 4;
    this.record.put32("packet_length", this.#frame.length + tagBytes);
    this.record.put16("segments", Math.max(1, this.#metadata.gsoSegments ?? 0));
    if (this.#metadata.bareType !== undefined) return this.#parseBare(this.#metadata.bareType);
    if (this.#frame.length < ETHERNET_HEADER_BYTES) return;
    this.record.has("MAC");
    this.record.copy("destination_mac", this.#frame.subarray(0, 6));
    this.record.copy("source_mac", this.#frame.subarray(6, 12));
    const datagram = this.#parseLink();
    if (datagram !== null) this.#parseTransport(datagram);
  }

  /** Only that it is IP names a protocol. */
  #parseBare(type: number): void {
    const isIp =
      (type === 0x0800 && this.#isThere(0, 20) && this.#u8(0) >= 0x45 && this.#u8(0) < 0x50) ||
      (type === 0x86dd && this.#isThere(0, 40) && this.#u8(0) >> 4 === 6);
    if (!isIp) return;
    this.record.has("PROTOCOL");
    const datagram = this.#parseNetwork(type, 0);
    if (datagram !== null) this.#parseTransport(datagram);
  }

  /** Tags and ethertype, then the network layer. */
  #parseLink(): Datagram | null {
    let tags = 0;
    if (this.#metadata.vlanTci !== undefined) this.#foundTag(++tags, this.#metadata.vlanTci);
    let at = 12;
    while (TAG_TYPES.includes(this.#u16(at)) && tags < MOST_TAGS) {
      if (!this.#isThere(at + 2, 2)) return null;
      this.#foundTag(++tags, this.#u16(at + 2));
      at += 4;
      if (!this.#isThere(at, 2)) return null;
    }
    let type = this.#u16(at);
    // Only a tag in its own place is one too many: behind SNAP none is followed.
    this.parseLimit = TAG_TYPES.includes(type);
    this.record.has("PROTOCOL");
    if (type < LEAST_ETHERTYPE) {
      const inner = this.#snapType(at + 2, type);
      if (inner === null) {
        this.record.flag("LLC");
        return null;
      }
      type = inner;
      at += SNAP_BYTES;
    }
    this.record.has("ETHERTYPE");
    this.record.put16("ethertype", type);
    if (type === PPPOE_SESSION) return this.#parsePppoe(at + 2);
    return this.#parseNetwork(type, at + 2);
  }

  #parseNetwork(type: number, at: number): Datagram | null {
    if (type === 0x0800) return this.#parseIpv4(at);
    if (type === 0x86dd) return this.#parseIpv6(at);
    return null;
  }

  /** The EtherType of SNAP at `at`; null if that is something else, or not within `length` bytes. */
  #snapType(at: number, length: number): number | null {
    if (length < SNAP_BYTES || !this.#isThere(at, SNAP_BYTES)) return null;
    if (!SNAP_STARTS.includes(this.#frame.subarray(at, at + 6).toHex())) return null;
    const type = this.#u16(at + 6);
    return type < LEAST_ETHERTYPE ? null : type;
  }

  /** RFC 2516, 4: version and type 1, session data, then PPP. */
  #parsePppoe(at: number): Datagram | null {
    if (!this.#isThere(at, 8) || this.#u16(at) !== 0x1100) return null;
    const numberBytes = this.#u8(at + 6) & 1 ? 1 : 2;
    if (this.#u16(at + 4) < numberBytes) return null;
    const network = at + 6 + numberBytes;
    const type = PPP_NETWORKS[this.#frame.subarray(at + 6, network).toHex()];
    return type === undefined ? null : this.#parseNetwork(type, network);
  }

  #foundTag(ordinal: number, tci: number): void {
    if (ordinal !== 1) return;
    this.record.has("VLAN");
    this.record.put16("vlan_id", tci & 0x0fff);
  }

  /** RFC 791, 3.1. */
  #parseIpv4(at: number): Datagram | null {
    if (!this.#isThere(at, 20)) return null;
    const headerBytes = (this.#u8(at) & 15) * 4;
    if (this.#u8(at) >> 4 !== 4 || headerBytes < 20) return null;
    const protocol = this.#u8(at + 9);
    this.record.has("IP");
    this.record.put8("traffic_class", this.#u8(at + 1));
    this.record.put8("ttl", this.#u8(at + 8));
    this.record.put8("ip_protocol", protocol);
    this.record.copy("source_address", this.#frame.subarray(at + 12, at + 16));
    this.record.copy("destination_address", this.#frame.subarray(at + 16, at + 20));
    const moreFragments = (this.#u16(at + 6) & 0x2000) !== 0;
    const fragmentOffset = this.#u16(at + 6) & 0x1fff;
    if (moreFragments || fragmentOffset !== 0) this.record.flag("FRAGMENT");
    if (fragmentOffset !== 0) return null;
    const totalLength = this.#u16(at + 2);
    const end = this.#takesFrameLength(totalLength, at) ? this.#frame.length : at + totalLength;
    const start = at + headerBytes;
    // A total length below the header's is a lie about what follows: nothing does.
    return start > end ? null : { ipv6: false, protocol, start, end };
  }

  /** RFC 8200, 3. */
  #parseIpv6(at: number): Datagram | null {
    if (!this.#isThere(at, 40) || this.#u8(at) >> 4 !== 6) return null;
    this.record.has("IP");
    this.record.flag("IPV6");
    this.record.put8("traffic_class", this.#u16(at) >> 4 & 255);
    this.record.put8("ttl", this.#u8(at + 7));
    this.record.copy("source_address", this.#frame.subarray(at + 8, at + 24));
    this.record.copy("destination_address", this.#frame.subarray(at + 24, at + 40));
    const payloadLength = this.#u16(at + 4) || this.#jumboLength(at);
    const end = this.#takesFrameLength(payloadLength, at + 40)
      ? this.#frame.length
      : at + 40 + payloadLength;
    return this.#parseExtensions(this.#u8(at + 6), at + 40, end);
  }

  /** From the header of number `first` at `start` to the first one that is not followed. */
  #parseExtensions(first: number, start: number, end: number): Datagram | null {
    let protocol = first;
    let at = start;
    for (let followed = 0; isExtension(protocol); followed++) {
      this.record.put8("ip_protocol", protocol);
      if (followed === MOST_EXTENSION_HEADERS) {
        this.parseLimit = true;
        return null;
      }
      if (at + 8 > end || !this.#isThere(at, 8)) return null;
      const next = this.#u8(at);
      let bytes = (this.#u8(at + 1) + 1) * 8;
      if (protocol === AUTHENTICATION_HEADER) bytes = (this.#u8(at + 1) + 2) * 4; // RFC 4302, 2.2
      if (protocol === FRAGMENT_HEADER) {
        bytes = 8; // RFC 8200, 4.5
        const offset = this.#u16(at + 2) >> 3;
        if (offset !== 0 || (this.#u16(at + 2) & 1) !== 0) this.record.flag("FRAGMENT");
        if (offset !== 0) {
          this.record.put8("ip_protocol", next);
          return null;
        }
      }
      if (at + bytes > end || !this.#isThere(at, bytes)) return null;
      protocol = next;
      at += bytes;
    }
    this.record.put8("ip_protocol", protocol);
    return { ipv6: true, protocol, start: at, end };
  }

  #parseTransport(datagram: Datagram): void {
    const { protocol, ipv6, start } = datagram;
    switch (protocol) {
      case 6: // TCP: RFC 9293, 3.1
        this.#parsePorts(datagram);
        return this.#parseTcp(datagram);
      case 17: // UDP: RFC 768
      case 136: // UDP-Lite: RFC 3828, 3.1
        this.#parsePorts(datagram);
        return this.#payloadBehind(datagram, 8);
      case 132: // SCTP: RFC 9260, 3.1
        this.#parsePorts(datagram);
        return this.#payloadBehind(datagram, 12);
      case 33: // DCCP: RFC 4340, 5.1
        return this.#parsePorts(datagram);
      case 1: // ICMP: RFC 792
      case 58: // ICMPv6: RFC 4443, 2.1
        if (ipv6 !== (protocol === 58) || !this.#holds(datagram, 2)) return;
        this.record.has("ICMP");
        this.record.put8("icmp_type", this.#u8(start));
        this.record.put8("icmp_code", this.#u8(start + 1));
        return this.#payloadBehind(datagram, 8);
    }
  }

  #parsePorts(datagram: Datagram): void {
    if (!this.#holds(datagram, 4)) return;
    this.record.has("PORTS");
    this.record.put16("source_port", this.#u16(datagram.start));
    this.record.put16("destination_port", this.#u16(datagram.start + 2));
  }

  #parseTcp(datagram: Datagram): void {
    if (!this.#holds(datagram, 20)) return;
    const { start } = datagram;
    this.record.has("TCP");
    this.record.put32("tcp_sequence", this.#u32(start + 4));
    this.record.put32("tcp_acknowledgment", this.#u32(start + 8));
    this.record.put8("tcp_flags", this.#u8(start + 13));
    this.record.put16("tcp_window", this.#u16(start + 14));
    const headerBytes = (this.#u8(start + 12) >> 4) * 4;
    if (headerBytes >= 20) this.#payloadBehind(datagram, headerBytes);
  }

  /** The payload's length, if the header and the whole datagram are in the frame. */
  #payloadBehind(datagram: Datagram, headerBytes: number): void {
    if (datagram.end > this.#frame.length || !this.#holds(datagram, headerBytes)) return;
    this.record.has("PAYLOAD");
    this.record.put32("payload_length", datagram.end - datagram.start - headerBytes);
  }

  /** Whether the first `bytes` behind the IP headers lie in the datagram and in the frame. */
  #holds({ start, end }: Datagram, bytes: number): boolean {
    return start + bytes <= end && this.#isThere(start, bytes);
  }

  /**
   * The length in a hop-by-hop header that starts with the option for it, behind the fixed header at
   * `at`: RFC 2675, 2. 0 if there is none, or a wrong one: RFC 2675, 3.
   */
  #jumboLength(at: number): number {
    const hasOption = this.#u8(at + 6) === 0 && this.#isThere(at + 40, 8) &&
      this.#u16(at + 42) === 0xc204;
    const length = hasOption ? this.#u32(at + 44) : 0;
    return length > LARGEST_LENGTH_FIELD ? length : 0;
  }

  /**
   * A packet may be longer than a length field, which counts from `start`, can say: it is 0 then. One
   * that is to be segmented is, or one of more bytes than that.
   */
  #takesFrameLength(length: number, start: number): boolean {
    const isLong = this.#frame.length - start > LARGEST_LENGTH_FIELD;
    return length === 0 && (isLong || (this.#metadata.gsoSegments ?? 0) > 1);
  }

  #isThere(at: number, bytes: number): boolean {
    return at + bytes <= this.#frame.length;
  }

  #u8(at: number): number {
    return this.#frame[at]!;
  }

  #u16(at: number): number {
    return this.#u8(at) << 8 | this.#u8(at + 1);
  }

  #u32(at: number): number {
    return this.#u16(at) * 0x1_0000 + this.#u16(at + 2);
  }
}

function isExtension(protocol: number): boolean {
  return protocol === FRAGMENT_HEADER || protocol === AUTHENTICATION_HEADER ||
    SIZED_IN_8_BYTES.includes(protocol);
}
