/**
 * What a recording says about itself, while it runs and when it is over: the contract between the
 * recorder, which fills it in, and the renderers, which show it.
 *
 * @module
 */
import type { EndReason } from "./attachment.ts";
import type { InterfaceEvent } from "./interface_event.ts";
import type { RecordedClockChange } from "./clock_change.ts";
import type { PacketCounts } from "./packet_counts.ts";

/** Counts of one direction of one interface. */
export interface InterfaceReport extends PacketCounts {
  readonly name: string;
  readonly direction: "ingress" | "egress";
  /** null, as the mode, of an interface that was waited for and never came. */
  readonly hook: string | null;
  readonly mode: string | null;
  /** ISO-8601 in UTC with nine fraction digits; what ended early was noticed at most a second late. */
  readonly ended: string;
  readonly end_reason: EndReason;
}

/** The final report; `record --json` prints it as it is. */
export interface RecordingReport extends PacketCounts {
  readonly output: string;
  readonly interfaces: readonly InterfaceReport[];
  readonly duration_seconds: number;
  readonly rows_written: number;
  readonly file_bytes: number;
  readonly sample_rate: number;
  /** The expression that packets had to match; empty = none. */
  readonly filter: string;
  /** What happened to interfaces, the first of it. */
  readonly interface_events: readonly InterfaceEvent[];
  /** What is not in that list any more. */
  readonly interface_events_left_out: number;
  /** What was done to the clock of the machine meanwhile. */
  readonly clock_changes: readonly RecordedClockChange[];
  /** Files that were made; only of a recording of several. */
  readonly files?: number;
  /**
   * MAC and IP addresses that had to be written out, which makes writing slow where they are many; only
   * where packets were lost because it was too slow.
   */
  readonly new_addresses?: number;
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
  /** Of all attachments together. */
  readonly counts: PacketCounts;
  readonly rowsWritten: number;
  /** Bytes of the segments closed so far. */
  readonly fileBytes: number;
  /** The busiest senders since the last snapshot; empty unless the capture counts them. */
  readonly topSenders: readonly SenderCount[];
}
