/**
 * The recordings that a file is made of, and what is taken from each.
 *
 * @module
 */
import type { FileMetadata } from "./recording_facts.ts";
import type { SeriesPlace } from "./series_place.ts";
import type { FileFacts } from "./selected_facts.ts";

/** A recording, and what is selected of it. */
export interface JoinedPart extends FileFacts {
  readonly label: string;
  readonly metadata: FileMetadata;
  readonly sampleRate: number;
  /** Of a file of a recording of several. */
  readonly place: SeriesPlace | null;
  /** What its recorder counted, selected or not; null = it does not say. */
  readonly content: { readonly packets: bigint } | null;
}

/** Packets of one direction of one interface that came out of one part. */
export interface CopiedRows {
  /** Number of the part. */
  readonly part: number;
  readonly interface: string | null;
  readonly direction: string | null;
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** Counters in the form of `PacketCounts`, with the causes of loss that the parts name. */
export interface JoinedCounters {
  readonly packets_seen: number;
  readonly packets_captured: number;
  readonly packets_dropped: number;
  readonly drops: Readonly<Record<string, number>>;
  readonly packets_sampled_out: number;
  readonly packets_filtered: number;
  readonly bytes_captured: number;
}
