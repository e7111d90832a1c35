/**
 * Packet counters of an attachment, as the kernel keeps them.
 *
 * @module
 */
import { COUNTER_INDEX } from "./record_layout.ts";

/** Counts of one attachment, or of several added up. Packets, unless the name says otherwise. */
export interface PacketCounters {
  seen: number;
  captured: number;
  capturedBytes: number;
  sampledOut: number;
  filtered: number;
  ringFull: number;
  queueFull: number;
  parseLimit: number;
}

/** All counts zero. */
export function zeroCounters(): PacketCounters {
  return {
    seen: 0,
    captured: 0,
    capturedBytes: 0,
    sampledOut: 0,
    filtered: 0,
    ringFull: 0,
    queueFull: 0,
    parseLimit: 0,
  };
}

/**
 * Names the words of a `struct packet_counters` (bpf/event.h) that was summed over CPUs. Exact below
 * 2^53.
 */
export function decodeCounters(words: BigUint64Array): PacketCounters {
  const count = (name: keyof typeof COUNTER_INDEX) => Number(words[COUNTER_INDEX[name]]);
  return {
    seen: count("seen"),
    captured: count("captured"),
    capturedBytes: count("captured_bytes"),
    sampledOut: count("sampled_out"),
    filtered: count("filtered"),
    ringFull: count("ring_full"),
    queueFull: count("queue_full"),
    parseLimit: count("parse_limit"),
  };
}

/** The sum of `counters`, field by field. */
export function addCounters(counters: readonly PacketCounters[]): PacketCounters {
  const sum = zeroCounters();
  for (const one of counters) {
    for (const name of Object.keys(sum) as (keyof PacketCounters)[]) sum[name] += one[name];
  }
  return sum;
}
