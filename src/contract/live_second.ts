/**
 * What passed within one second, as the writing thread tells it to whoever shows it.
 *
 * @module
 */

/**
 * Words of the key of a flow, which is one direction of a conversation at one attachment: source address
 * (4) and destination address (4) as they lie in memory, ports (source port low; without ports the
 * EtherType of what is not IP), and {@linkcode FLOW_META}.
 */
export const KEY_WORDS = 10;

/** Index of a word in a key. */
export const KEY = { source: 0, destination: 4, ports: 8, meta: 9 } as const;

/** Bits of the last word of a key. */
export const FLOW_META = {
  attachment: 0xff,
  protocolShift: 8,
  isV4: 1 << 16,
  isV6: 1 << 17,
  hasPorts: 1 << 18,
} as const;

/** What the sender of a flow has shown to be. */
export const ROLE = { unknown: 0, client: 1, server: 2 } as const;

/** Index of a number in the counts of a flow. */
export const FLOW_COUNT = { packets: 0, bytes: 1, again: 2, refused: 3 } as const;

/** Numbers of the counts of a flow. */
export const COUNTS_PER_FLOW = 4;

/** One second. Its packets are those that match the filter, which the capture has kept. */
export interface LiveSecond {
  /** Since 1970, UTC. */
  readonly second: number;
  /** Which of the filters that were asked for it is about. */
  readonly filterVersion: number;
  /**
   * The number of each flow that sent something. It stands for the same flow in all seconds that have the
   * same `numbering`.
   */
  readonly flows: Uint32Array;
  readonly numbering: number;
  /** {@linkcode KEY_WORDS} words for each of these flows. */
  readonly keys: Uint32Array;
  /** {@linkcode COUNTS_PER_FLOW} numbers for each flow. */
  readonly counts: Float64Array;
  /** {@linkcode ROLE} of each flow. */
  readonly roles: Uint8Array;
  /** Packets and bytes of each attachment, all flows together. */
  readonly totals: Float64Array;
  /** Packets and bytes of flows that had no room: they are in `totals` only. */
  readonly others: readonly [packets: number, bytes: number];
}
