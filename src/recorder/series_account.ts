/**
 * Accounts for the files of a series: each has its own counters and its own time, and all together have
 * those of the recording.
 *
 * @module
 */
import type { EarlyEnd, PlacedAttachment } from "../contract/attachment.ts";
import type { Moment } from "../contract/clock_change.ts";
import { FILE_METADATA_KEY } from "../contract/file_metadata.ts";
import { addCounts, type PacketCounts, withoutCounts } from "../contract/packet_counts.ts";
import type { RowCount } from "../contract/row_counts.ts";
import type { ClosedPart } from "../sinks/row_sink.ts";
import { LossLog } from "./loss_log.ts";
import { recordingMetadata, runningMetadata } from "./recording_metadata.ts";

/** How an open file ends. */
export interface FileEnd {
  readonly at: Moment;
  /** By the kernel so far; final for the last file. */
  readonly counted: readonly PacketCounts[];
  readonly earlyEnds: readonly EarlyEnd[];
  /** What else is to be said of the file, by key. */
  readonly more: Readonly<Record<string, string>>;
  /** When the next file begins; null if there is none. */
  readonly next: Moment | null;
}

/** What is asked whenever files come and go. */
export interface SeriesFacts {
  /** Tells recordings apart. */
  readonly id: string;
  /** The same attachments always, but their hooks may become known. */
  readonly attached: readonly PlacedAttachment[];
  readonly sampleRate: number;
  /** The expression that packets have to match; empty = none. */
  readonly filter: string;
}

/** Counts the files of one recording. */
export class SeriesAccount {
  readonly #facts: SeriesFacts;
  #number = 1;
  #start: Moment;
  /** By number of the attachment: what all files before have, and how far the kernel had counted. */
  #before: readonly PacketCounts[];
  #counted: readonly PacketCounts[];
  #losses: LossLog;

  /** @param counted by the kernel so far */
  constructor(facts: SeriesFacts, start: Moment, counted: readonly PacketCounts[]) {
    this.#facts = facts;
    this.#start = start;
    this.#counted = counted;
    this.#before = counted.map(() => NOTHING);
    this.#losses = new LossLog(start.wallNs);
  }

  /** The file that is open: its number, when it began, and what is known of it already. */
  get open(): { number: number; startedMs: number; metadata: Record<string, string> } {
    const startedNs = this.#start.wallNs;
    const metadata = { ...runningMetadata(this.#facts, startedNs), ...this.#place() };
    return { number: this.#number, startedMs: Number(startedNs / 1_000_000n), metadata };
  }

  /**
   * Reads the counters.
   *
   * @param counts of the recording so far, as far as its rows are not lost
   */
  read(at: Moment, counts: readonly PacketCounts[]): void {
    this.#losses.read(
      at.wallNs,
      counts.map((now, number) => withoutCounts(now, this.#before[number]!)),
    );
  }

  /** What the open file has lost so far. */
  get losses(): Pick<LossLog, "dropped" | "text"> {
    return this.#losses;
  }

  /**
   * Ends the open file.
   *
   * What was lost in the kernel counts for the file in whose time it was noticed. The sums over all files
   * are exact.
   *
   * @returns metadata of the file
   */
  close(
    { rows, counts, lost }: ClosedPart,
    { at: end, counted, earlyEnds, more, next }: FileEnd,
  ): Record<string, string> {
    const own = counted.map((now, number) => {
      return countsOfFile(now, this.#counted[number]!, counts[number], lost[number]);
    });
    const captured = addCounts(own).packets_captured;
    if (captured !== rows) {
      throw new Error(`Cannot account for every packet: ${captured} counted, ${rows} written`);
    }
    this.#losses.end(end.wallNs, own);
    const { wallNs, steadyNs } = this.#start;
    const metadata = {
      ...recordingMetadata(
        {
          attachments: this.#facts.attached,
          startedNs: wallNs,
          endedNs: end.wallNs,
          durationNs: end.steadyNs - steadyNs,
          earlyEnds,
        },
        own,
        this.#facts,
      ),
      [FILE_METADATA_KEY.lossIntervals]: this.#losses.text,
      ...this.#place(),
      ...more,
      ...next === null && { [FILE_METADATA_KEY.lastFile]: "true" },
    };
    this.#before = this.#before.map((before, number) => addCounts([before, own[number]!]));
    this.#counted = counted;
    this.#start = next ?? end;
    this.#losses = new LossLog(this.#start.wallNs);
    this.#number++;
    return metadata;
  }

  /** Where the open file stands in its series. */
  #place(): Record<string, string> {
    const { recordingId, fileNumber, countersBefore } = FILE_METADATA_KEY;
    const before = this.#facts.attached.map(({ attachment: slot }) => {
      return { slot, counters: this.#before[slot] };
    });
    return {
      [recordingId]: this.#facts.id,
      [fileNumber]: String(this.#number),
      [countersBefore]: JSON.stringify(before),
    };
  }
}

const NOTHING = addCounts([]);
const NONE: RowCount = [0, 0];

function countsOfFile(
  now: PacketCounts,
  last: PacketCounts,
  written: RowCount | null | undefined,
  lost: RowCount | null | undefined,
): PacketCounts {
  const [rows, bytes] = written ?? NONE;
  const drops = {
    ring_full: now.drops.ring_full - last.drops.ring_full,
    queue_full: now.drops.queue_full - last.drops.queue_full,
    not_written: (lost ?? NONE)[0],
  };
  const dropped = drops.ring_full + drops.queue_full + drops.not_written;
  const sampledOut = now.packets_sampled_out - last.packets_sampled_out;
  const filtered = now.packets_filtered - last.packets_filtered;
  return {
    packets_seen: rows + dropped + sampledOut + filtered,
    packets_captured: rows,
    packets_dropped: dropped,
    drops,
    packets_sampled_out: sampledOut,
    packets_filtered: filtered,
    bytes_captured: bytes,
  };
}
