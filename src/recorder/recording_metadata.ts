/**
 * What the finished file says about its recording.
 *
 * @module
 */
import { isoFromNanoseconds } from "../core/timestamps.ts";
import { VERSION } from "../core/version.ts";
import { FILE_METADATA_KEY, type RecordedAttachment } from "../contract/file_metadata.ts";
import type { InterfaceEvents } from "../contract/interface_event.ts";
import { addCounts, type PacketCounts } from "../contract/packet_counts.ts";
import { SCHEMA_VERSION } from "../contract/columns.ts";
import type { PlacedAttachment } from "../contract/attachment.ts";
import type { BatchSource, SourceEnd } from "../sources/batch_source.ts";

/** What is the same in every recording. */
export const EARLY_METADATA: Readonly<Record<string, string>> = {
  [FILE_METADATA_KEY.schemaVersion]: String(SCHEMA_VERSION),
  [FILE_METADATA_KEY.toolVersion]: VERSION,
};

/** Seconds from the first moment in which a packet could come to the last one. */
export function durationSeconds({ durationNs }: Pick<SourceEnd, "durationNs">): number {
  return Number(durationNs) / 1e9;
}

/** When and why each attachment ended, in their order. */
export function attachmentEnds(
  { attachments, earlyEnds, endedNs }: Pick<SourceEnd, "attachments" | "earlyEnds" | "endedNs">,
): Pick<RecordedAttachment, "ended" | "end_reason">[] {
  return attachments.map(({ attachment }) => {
    const early = earlyEnds.find((end) => end.attachment === attachment);
    return {
      ended: isoFromNanoseconds(early?.endedNs ?? endedNs),
      end_reason: early?.reason ?? "stopped",
    };
  });
}

/**
 * What a source says of itself before the first packet. A stream has nothing else: it cannot go back.
 */
export function earlyMetadata(
  { attachments, sampleRate, filter }: Pick<BatchSource, "attachments" | "sampleRate" | "filter">,
): Record<string, string> {
  const known = attachments.map(({ attachment, interface: name, direction }) => {
    return { slot: attachment, interface: name, direction };
  });
  return {
    ...EARLY_METADATA,
    [FILE_METADATA_KEY.host]: Deno.hostname(),
    [FILE_METADATA_KEY.sampleRate]: String(sampleRate),
    [FILE_METADATA_KEY.filter]: filter,
    [FILE_METADATA_KEY.attachments]: JSON.stringify(known),
  };
}

/**
 * What is known while it runs: for whoever finds what a killed recorder has left.
 *
 * @param startedNs wall-clock nanoseconds since 1970
 */
export function runningMetadata(
  { attached, sampleRate, filter }: Pick<BatchSource, "sampleRate" | "filter"> & {
    readonly attached: readonly PlacedAttachment[];
  },
  startedNs: bigint,
): Record<string, string> {
  return {
    ...earlyMetadata({ attachments: attached, sampleRate, filter }),
    [FILE_METADATA_KEY.started]: isoFromNanoseconds(startedNs),
    [FILE_METADATA_KEY.attachments]: JSON.stringify(
      attached.map(({ attachment: slot, interface: name, direction, hook, mode }) => {
        return { slot, interface: name, direction, hook, mode };
      }),
    ),
  };
}

/**
 * All that is to be said, by key.
 *
 * @param counts of the attachments, by their numbers
 * @param source one packet in how many it kept, and of which packets
 */
export function recordingMetadata(
  end: Omit<SourceEnd, "rows">,
  counts: readonly PacketCounts[],
  { sampleRate, filter }: Pick<BatchSource, "sampleRate" | "filter">,
): Record<string, string> {
  const ends = attachmentEnds(end);
  const attachments: RecordedAttachment[] = end.attachments.map((one, index) => ({
    slot: one.attachment,
    interface: one.interface,
    direction: one.direction,
    hook: one.hook,
    mode: one.mode,
    ...ends[index]!,
    counters: counts[one.attachment]!,
  }));
  return {
    ...EARLY_METADATA,
    [FILE_METADATA_KEY.host]: Deno.hostname(),
    [FILE_METADATA_KEY.started]: isoFromNanoseconds(end.startedNs),
    [FILE_METADATA_KEY.ended]: isoFromNanoseconds(end.endedNs),
    [FILE_METADATA_KEY.durationSeconds]: String(durationSeconds(end)),
    [FILE_METADATA_KEY.sampleRate]: String(sampleRate),
    [FILE_METADATA_KEY.filter]: filter,
    [FILE_METADATA_KEY.attachments]: JSON.stringify(attachments),
    [FILE_METADATA_KEY.counters]: JSON.stringify(addCounts(counts)),
    ...eventMetadata(end.interfaceEvents),
  };
}

/** What happened to interfaces; nothing where nothing did. */
export function eventMetadata(happened: InterfaceEvents | undefined): Record<string, string> {
  const { events, leftOut } = happened ?? { events: [], leftOut: 0 };
  return {
    ...events.length > 0 && { [FILE_METADATA_KEY.interfaceEvents]: JSON.stringify(events) },
    ...leftOut > 0 && { [FILE_METADATA_KEY.interfaceEventsLeftOut]: String(leftOut) },
  };
}
