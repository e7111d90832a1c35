/**
 * Packets of a live view, and a table that counts them.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  BATCH_BYTES,
  BATCH_ROWS,
  type ColumnBatch,
  createBatch,
} from "../../../src/batch/column_batch.ts";
import {
  COUNTS_PER_FLOW,
  FLOW_META,
  KEY_WORDS,
  type LiveSecond,
} from "../../../src/contract/live_second.ts";
import { EVENT_FLAG, PRESENT } from "../../../src/contract/record_layout.ts";
import { createFilterCell } from "../../../src/sinks/live/filter_cell.ts";
import { LiveTable } from "../../../src/sinks/live/live_table.ts";

const ATTACHMENTS = [
  { attachment: 0, interface: "eth0", direction: "ingress" },
  { attachment: 1, interface: "eth0", direction: "egress" },
] as const;

/** A second long after 1970. */
export const START = 1_795_442_040;

/** A packet as far as the table looks at it. */
export interface Packet {
  /** Milliseconds after {@linkcode START}. */
  readonly atMs: number;
  readonly attachment: number;
  readonly source: number;
  readonly destination: number;
  readonly v6?: boolean;
  readonly protocol?: number;
  readonly ports?: readonly [number, number];
  /** What is not IP. */
  readonly ethertype?: number;
  readonly length: number;
  readonly tcp?: { readonly flags: number; readonly sequence: number; readonly payload: number };
}

const batch = createBatch(new ArrayBuffer(BATCH_BYTES));

/** A batch of these packets, the same one each time. */
export function fill(packets: readonly Packet[]): ColumnBatch {
  assert.ok(packets.length <= BATCH_ROWS);
  packets.forEach((packet, row) => {
    const ns = BigInt(START) * 1_000_000_000n + BigInt(packet.atMs) * 1_000_000n;
    batch.timestamp[2 * row] = Number(ns & 0xffff_ffffn);
    batch.timestamp[2 * row + 1] = Number(ns >> 32n);
    const isIp = packet.ethertype === undefined;
    batch.present[row] = (isIp ? PRESENT.IP | PRESENT.PROTOCOL : 0) |
      (packet.ports ? PRESENT.PORTS : 0) | (packet.tcp ? PRESENT.TCP : 0) | PRESENT.ETHERTYPE;
    batch.flags[row] = packet.v6 ? EVENT_FLAG.IPV6 : 0;
    batch.attachment[row] = packet.attachment;
    // What a packet lacks is left over from another one, or 0: neither may count.
    batch.sourceAddress.set(
      packet.v6 ? [7, 0, 0, packet.source] : [packet.source, row, 0, row],
      4 * row,
    );
    batch.destinationAddress.set(
      packet.v6 ? [7, 0, 0, packet.destination] : [packet.destination, row, row, 0],
      4 * row,
    );
    batch.ethertype[row] = packet.ethertype ?? (packet.v6 ? 0x86dd : 0x0800);
    batch.ipProtocol[row] = packet.protocol ?? 17;
    batch.sourcePort[row] = packet.ports?.[0] ?? 0;
    batch.destinationPort[row] = packet.ports?.[1] ?? 0;
    batch.packetLength[row] = packet.length;
    // A refusal, and a segment that is sent again and again.
    batch.tcpFlags[row] = packet.tcp?.flags ?? (row % 2 === 0 ? 0x14 : 0x12);
    batch.tcpSequence[row] = packet.tcp?.sequence ?? 0;
    batch.payloadLength[row] = packet.tcp?.payload ?? 0;
  });
  return batch;
}

/** A table, and what it has handed on. */
export function table(limit = 1024) {
  const seconds: LiveSecond[] = [];
  const clock = { ms: START * 1000 };
  const cell = createFilterCell();
  const sink = new LiveTable(cell, { attachments: ATTACHMENTS }, {
    now: () => clock.ms,
    onSecond: (second) => seconds.push(second),
    limit,
  });
  return { sink, seconds, clock, cell };
}

/** The flows of a second, as text, with their counts. */
export function flowsOf({ keys, counts, roles }: LiveSecond): Map<string, number[]> {
  const flows = new Map<string, number[]>();
  for (let flow = 0; flow < roles.length; flow++) {
    const key = keys.subarray(flow * KEY_WORDS, (flow + 1) * KEY_WORDS).join();
    assert.ok(!flows.has(key), `"${key}" is there twice`);
    flows.set(key, [...counts.subarray(flow * COUNTS_PER_FLOW, (flow + 1) * COUNTS_PER_FLOW)]);
  }
  return flows;
}

/** The key that a packet must have. */
export function keyOf(packet: Packet): string {
  const isIp = packet.ethertype === undefined;
  const address = (last: number) =>
    !isIp ? [0, 0, 0, 0] : packet.v6 ? [7, 0, 0, last] : [last, 0, 0, 0];
  const ports = packet.ports ? packet.ports[0] + packet.ports[1] * 65_536 : packet.ethertype ?? 0;
  const meta = packet.attachment +
    (isIp ? 256 * (packet.protocol ?? 17) : 0) +
    (isIp ? packet.v6 ? FLOW_META.isV6 : FLOW_META.isV4 : 0) +
    (packet.ports ? FLOW_META.hasPorts : 0);
  return [...address(packet.source), ...address(packet.destination), ports, meta].join();
}

/** A segment of the client of a connection for each number `source`, or of its server. */
export function segment(
  atMs: number,
  source: number,
  flags: number,
  payload = 0,
  sequence = 1000,
): Packet {
  return {
    ...{
      atMs,
      attachment: 0,
      source,
      destination: 9,
      protocol: 6,
      ports: [40_000, 80],
      length: 60,
    },
    tcp: { flags, sequence, payload },
  };
}

/** RFC 9293, 3.1. */
export const SYN = 0x02;
export const FIN = 0x01;
export const ACK = 0x10;
