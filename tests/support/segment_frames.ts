/**
 * Made-up TCP packets as a pcap file.
 *
 * @module
 */
import { bytes, pcapHeader } from "./pcap.ts";
import type { Endpoint, Segment } from "./tcp_reference.ts";

const RECORD_HEADER_BYTES = 16;
const NS_PER_S = 1_000_000_000n;
/** Of a frame, as a snapshot length leaves it: headers, no payload. */
const HEADERS_ONLY = 54 + 4;

/** The packets in the order of their times. Payload is announced and left out. */
export function segmentFile(segments: readonly Segment[]): Uint8Array<ArrayBuffer> {
  const ordered = segments.toSorted((a, b) => a.time < b.time ? -1 : 1);
  const parts: Uint8Array[] = [pcapHeader(HEADERS_ONLY)];
  for (const segment of ordered) {
    const frame = headers(segment);
    const record = new DataView(new ArrayBuffer(RECORD_HEADER_BYTES));
    record.setUint32(0, Number(segment.time / NS_PER_S), true);
    record.setUint32(4, Number(segment.time % NS_PER_S), true);
    record.setUint32(8, frame.length, true);
    record.setUint32(12, frame.length + segment.length, true);
    parts.push(new Uint8Array(record.buffer), frame);
  }
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}

/** Ethernet, IPv4 and TCP (RFC 791, RFC 9293), without checksums. */
function headers({ source, destination, flags, seq, ack, window, length }: Segment): Uint8Array {
  const packet = new DataView(new ArrayBuffer(40));
  packet.setUint16(0, 0x4500);
  packet.setUint16(2, 40 + length);
  packet.setUint8(8, 64);
  packet.setUint8(9, 6);
  address(packet, 12, source);
  address(packet, 16, destination);
  packet.setUint16(20, source.port);
  packet.setUint16(22, destination.port);
  packet.setUint32(24, seq);
  packet.setUint32(28, ack);
  packet.setUint8(32, 0x50);
  packet.setUint8(33, flags);
  packet.setUint16(34, window);
  return bytes("020000000001 020000000002 0800", new Uint8Array(packet.buffer));
}

function address(packet: DataView, offset: number, { ip }: Endpoint): void {
  ip.split(".").forEach((part, index) => packet.setUint8(offset + index, Number(part)));
}
