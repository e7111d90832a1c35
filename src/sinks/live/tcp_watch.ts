/**
 * What single segments say about the TCP connections of flows: who opened them, what was sent again, and
 * what was refused.
 *
 * @module
 */
import type { ColumnBatch } from "../../batch/column_batch.ts";
import { ROLE } from "../../contract/live_second.ts";

/** What a segment is, as bits. */
export const SEGMENT = {
  /** Its bytes, or its SYN, had been sent before. */
  AGAIN: 1,
  /** It refuses a connection. */
  REFUSED: 2,
} as const;

/** RFC 9293, 3.1. */
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

/** What comes sooner behind the segment before it was overtaken on its way (Wireshark's User's Guide). */
const REORDERED_US = 3000;

/** State of flows, by their number. */
export class TcpWatch {
  readonly roles: Uint8Array;
  /** Sequence number behind the farthest byte, where `#known` is 1. */
  readonly #edge: Uint32Array;
  readonly #known: Uint8Array;
  /** When the farthest byte came, microseconds. */
  readonly #edgeUs: Float64Array;

  constructor(limit: number) {
    this.roles = new Uint8Array(limit);
    this.#edge = new Uint32Array(limit);
    this.#known = new Uint8Array(limit);
    this.#edgeUs = new Float64Array(limit);
  }

  /** Forgets a number, which another flow has got. */
  forget(flow: number): void {
    this.roles[flow] = ROLE.unknown;
    this.#known[flow] = 0;
  }

  /** Gives a flow another number. */
  move(from: number, to: number): void {
    this.roles[to] = this.roles[from]!;
    this.#edge[to] = this.#edge[from]!;
    this.#known[to] = this.#known[from]!;
    this.#edgeUs[to] = this.#edgeUs[from]!;
  }

  /**
   * @param row one that is TCP
   * @returns bits of {@linkcode SEGMENT}
   */
  see(flow: number, batch: ColumnBatch, row: number): number {
    const flags = batch.tcpFlags[row]!;
    if (flags & RST) {
      // RFC 9293, 3.10.7.1: what answers a segment without ACK has the sequence number 0.
      if (!(flags & ACK) || batch.tcpSequence[row] !== 0) return 0;
      this.roles[flow] = ROLE.server;
      return SEGMENT.REFUSED;
    }
    const isSyn = (flags & SYN) !== 0;
    if (isSyn) this.roles[flow] = flags & ACK ? ROLE.server : ROLE.client;
    const length = batch.payloadLength[row]!;
    if (!isSyn && length === 0) return 0;
    const sequence = batch.tcpSequence[row]!;
    const end = sequence + length + (isSyn ? 1 : 0) >>> 0;
    const us = batch.timestamp[2 * row + 1]! * 4_294_967.296 + batch.timestamp[2 * row]! / 1000;
    const edge = this.#edge[flow]!;
    const beyond = end - edge | 0;
    // A SYN with a number of its own begins another connection between the same ports.
    if (this.#known[flow] === 0 || beyond > 0 || isSyn && beyond !== 0) {
      this.#known[flow] = 1;
      this.#edge[flow] = end;
      this.#edgeUs[flow] = us;
      return 0;
    }
    // RFC 9293, 3.8.4: a keep-alive repeats the last byte.
    if (!isSyn && length === 1 && beyond === 0) return 0;
    return us - this.#edgeUs[flow]! >= REORDERED_US ? SEGMENT.AGAIN : 0;
  }
}
