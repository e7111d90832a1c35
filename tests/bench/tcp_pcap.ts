/**
 * A pcap file of many TCP connections at once, for questions to large files: headers only, so that
 * twenty million packets fit on a disk. Format: draft-ietf-opsawg-pcap.
 *
 * @module
 */
import { join } from "node:path";
import { pcapHeader } from "../support/pcap.ts";
import { Prng } from "../support/prng.ts";
import type { BenchContext } from "./suite.ts";

/** Connections that are open at a time. */
export const TCP_CONNECTIONS = 20_000;

/** Ethernet, IPv4, TCP, without options. */
const SNAPSHOT_LENGTH = 54;
const PACKET_HEADER_BYTES = 16;
const RECORD_BYTES = PACKET_HEADER_BYTES + SNAPSHOT_LENGTH;

/** Records that are written at once. */
const CHUNK_RECORDS = 16_384;

/** Seconds since 1970 of the first packet, and nanoseconds between two. */
const START_SECONDS = 1_760_000_000;
const STEP_NS = 10_000;

const SYN = 2;
const ACK = 16;
const SEGMENT_BYTES = 1448;

/** One segment in this many is sent twice. */
const RETRANSMITTED = 1000;

/** Where a connection has got to. */
interface Connection {
  readonly client: number;
  readonly server: number;
  readonly clientPort: number;
  readonly serverPort: number;
  clientSequence: number;
  serverSequence: number;
  /** Segments of the server that are not acknowledged yet. */
  unacknowledged: number;
  step: number;
}

const SERVER_PORTS = [443, 80, 22, 5432, 6379, 8443] as const;

/**
 * Writes the file of a suite. Each connection opens with a handshake and carries data of the server, some of
 * it twice, until the packets are used up.
 *
 * @param packets in all
 * @returns its path
 */
export function writeTcpPcap(context: BenchContext, suite: string, packets: number): string {
  const path = join(context.directory, `${suite}.pcap`);
  context.progress(`${suite}: ${packets} packets of ${TCP_CONNECTIONS} connections`);
  const prng = new Prng(7);
  const connections = Array.from({ length: TCP_CONNECTIONS }, (_, number): Connection => ({
    client: 0x0a000000 + 2 + (number % 5000),
    server: 0xc6336400 + prng.below(200),
    clientPort: 32_768 + Math.floor(number / 5000) * 97,
    serverPort: SERVER_PORTS[number % SERVER_PORTS.length]!,
    clientSequence: prng.uint32(),
    serverSequence: prng.uint32(),
    unacknowledged: 0,
    step: 0,
  }));
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  writeAll(file, pcapHeader(SNAPSHOT_LENGTH));
  const chunk = new Uint8Array(CHUNK_RECORDS * RECORD_BYTES);
  const view = new DataView(chunk.buffer);
  let used = 0;
  for (let packet = 0; packet < packets; packet++) {
    const connection = connections[prng.below(TCP_CONNECTIONS)]!;
    writeRecord(chunk, view, used, packet, nextSegment(connection, prng.oneIn(RETRANSMITTED)));
    used += RECORD_BYTES;
    if (used < chunk.length && packet < packets - 1) continue;
    writeAll(file, chunk.subarray(0, used));
    used = 0;
  }
  return path;
}

interface Segment {
  readonly connection: Connection;
  readonly fromClient: boolean;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly payload: number;
}

function nextSegment(connection: Connection, again: boolean): Segment {
  const { clientSequence, serverSequence } = connection;
  const fromClient = (flags: number, acknowledgment = connection.serverSequence): Segment => {
    return {
      connection,
      fromClient: true,
      flags,
      sequence: clientSequence,
      acknowledgment,
      payload: 0,
    };
  };
  switch (connection.step++) {
    case 0:
      return fromClient(SYN, 0);
    case 1:
      connection.clientSequence = add(clientSequence, 1);
      return {
        ...{
          connection,
          fromClient: false,
          flags: SYN | ACK,
          sequence: serverSequence,
          payload: 0,
        },
        acknowledgment: connection.clientSequence,
      };
    case 2:
      connection.serverSequence = add(serverSequence, 1);
      return fromClient(ACK);
  }
  if (connection.unacknowledged === 2) {
    connection.unacknowledged = 0;
    return fromClient(ACK);
  }
  connection.unacknowledged++;
  const sent = { connection, fromClient: false, flags: ACK, acknowledgment: clientSequence };
  if (again && connection.step > 5) {
    return { ...sent, sequence: add(serverSequence, -SEGMENT_BYTES), payload: SEGMENT_BYTES };
  }
  connection.serverSequence = add(serverSequence, SEGMENT_BYTES);
  return { ...sent, sequence: serverSequence, payload: SEGMENT_BYTES };
}

/** Sequence numbers are 32 bits and wrap (RFC 9293, 3.4). */
function add(sequence: number, bytes: number): number {
  return (sequence + bytes) >>> 0;
}

function writeRecord(
  chunk: Uint8Array,
  view: DataView,
  offset: number,
  packet: number,
  { connection, fromClient, flags, sequence, acknowledgment, payload }: Segment,
): void {
  const nanoseconds = packet * STEP_NS;
  view.setUint32(offset, START_SECONDS + Math.floor(nanoseconds / 1e9), true);
  view.setUint32(offset + 4, nanoseconds % 1e9, true);
  view.setUint32(offset + 8, SNAPSHOT_LENGTH, true);
  view.setUint32(offset + 12, SNAPSHOT_LENGTH + payload, true);
  const frame = offset + PACKET_HEADER_BYTES;
  chunk.fill(2, frame, frame + 12);
  view.setUint16(frame + 12, 0x0800);
  const ip = frame + 14;
  view.setUint16(ip, 0x4500);
  view.setUint16(ip + 2, 40 + payload);
  view.setUint32(ip + 4, 0x4000);
  view.setUint16(ip + 8, 64 << 8 | 6);
  view.setUint16(ip + 10, 0);
  const { client, server, clientPort, serverPort } = connection;
  view.setUint32(ip + 12, fromClient ? client : server);
  view.setUint32(ip + 16, fromClient ? server : client);
  const tcp = ip + 20;
  view.setUint16(tcp, fromClient ? clientPort : serverPort);
  view.setUint16(tcp + 2, fromClient ? serverPort : clientPort);
  view.setUint32(tcp + 4, sequence);
  view.setUint32(tcp + 8, acknowledgment);
  view.setUint16(tcp + 12, 0x5000 | flags);
  view.setUint16(tcp + 14, 64_240);
  view.setUint32(tcp + 16, 0);
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
}
