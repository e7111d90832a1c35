/**
 * Classic pcap files with crafted Ethernet frames, for tcpreplay: frames that no socket would send.
 * Format: draft-ietf-opsawg-pcap.
 *
 * @module
 */

const MAGIC_NANOSECONDS = 0xa1b23c4d;
const LINKTYPE_ETHERNET = 1;
const SNAPSHOT_LENGTH = 65_535;
const HEADER_BYTES = 24;

/** The header of a file of Ethernet frames with nanoseconds, little-endian. */
export function pcapHeader(snapshotLength = SNAPSHOT_LENGTH): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, MAGIC_NANOSECONDS, true);
  view.setUint16(4, 2, true); // version 2.4
  view.setUint16(6, 4, true);
  view.setUint32(16, snapshotLength, true);
  view.setUint32(20, LINKTYPE_ETHERNET, true);
  return header;
}

/** A pcap file that holds `frames` in this order, 1 microsecond apart. */
export function pcapFile(frames: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const total = frames.reduce((sum, frame) => sum + 16 + frame.length, HEADER_BYTES);
  const file = new Uint8Array(total);
  const view = new DataView(file.buffer);
  file.set(pcapHeader());
  let offset = HEADER_BYTES;
  frames.forEach((frame, index) => {
    view.setUint32(offset + 4, (index * 1_000) % 1_000_000_000, true);
    view.setUint32(offset + 8, frame.length, true);
    view.setUint32(offset + 12, frame.length, true);
    file.set(frame, offset + 16);
    offset += 16 + frame.length;
  });
  return file;
}

/** Bytes of `parts` one after the other; a string is hexadecimal, blanks ignored. */
export function bytes(...parts: (string | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => {
    if (typeof part !== "string") return [...part];
    return (part.replaceAll(/\s|:/g, "").match(/../g) ?? []).map((pair) => parseInt(pair, 16));
  }));
}

export interface UdpFrame {
  readonly destinationMac: string;
  readonly sourceMac: string;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
  /** Bytes between the MAC addresses and the EtherType: VLAN tags. */
  readonly tags?: string;
}

/** An Ethernet frame with a UDP datagram over IPv4, checksums right (UDP: 0, not used). */
export function udpFrame(frame: UdpFrame): Uint8Array {
  const udpLength = 8 + frame.payload.length;
  const header = new Uint8Array(28);
  const view = new DataView(header.buffer);
  view.setUint16(0, 0x4500);
  view.setUint16(2, 20 + udpLength);
  view.setUint16(6, 0x4000); // do not fragment
  view.setUint8(8, 64);
  view.setUint8(9, 17);
  header.set(frame.source.split(".").map(Number), 12);
  header.set(frame.destination.split(".").map(Number), 16);
  view.setUint16(10, checksum(view, 20));
  view.setUint16(20, frame.sourcePort);
  view.setUint16(22, frame.destinationPort);
  view.setUint16(24, udpLength);
  return bytes(
    frame.destinationMac,
    frame.sourceMac,
    frame.tags ?? "",
    "0800",
    header,
    frame.payload,
  );
}

/** Internet checksum (RFC 1071) over the first `length` bytes; `length` is even. */
function checksum(view: DataView, length: number): number {
  let sum = 0;
  for (let offset = 0; offset < length; offset += 2) sum += view.getUint16(offset);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
