/**
 * What a recording says about itself, while it runs and when it is over: the contract between the
 * recorder, which fills it in, and the renderers, which show it.
 *
 * @module
 */

/** Lost packets by cause. Every cause is always there, so that scripts can rely on the keys. */
export interface DropCounts {
  /** No room in the ring: the reader was slower than the traffic for longer than the ring is deep. */
  readonly ring_full: number;
  /** No room in the ring either, because the writer was slower than the traffic. */
  readonly queue_full: number;
}

/** Counts of one hook, or of all. Always seen = captured + dropped + sampled out + filtered. */
export interface Accounting {
  readonly packets_seen: number;
  readonly packets_captured: number;
  /** Sum over the causes. */
  readonly packets_dropped: number;
  readonly drops: DropCounts;
  readonly packets_sampled_out: number;
  readonly packets_filtered: number;
  readonly bytes_captured: number;
}

/** Counts of one direction of one interface. */
export interface InterfaceReport extends Accounting {
  readonly name: string;
  readonly direction: "ingress" | "egress";
  readonly hook: string;
  readonly mode: string;
}

/** The final report; `record --json` prints it as it is. */
export interface RecordingReport extends Accounting {
  readonly output: string;
  readonly interfaces: readonly InterfaceReport[];
  readonly duration_seconds: number;
  readonly rows_written: number;
  readonly file_bytes: number;
  readonly sample_rate: number;
}

/** One address that sends, in the live statistics. */
export interface SenderCount {
  /** 16 bytes in network order; an IPv4 address is IPv4-mapped (RFC 4291, 2.5.5.2). */
  readonly address: Uint8Array;
  readonly packets: number;
  readonly bytes: number;
}

/** How a recording stands at one moment. */
export interface RecordingSnapshot {
  /** Milliseconds since the last program was attached. */
  readonly elapsedMs: number;
  readonly accounting: Accounting;
  readonly rowsWritten: number;
  /** Bytes of the segments closed so far. */
  readonly fileBytes: number;
  /** The busiest senders since the last snapshot; empty unless the capture counts them. */
  readonly topSenders: readonly SenderCount[];
}
