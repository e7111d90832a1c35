/**
 * What happened to interfaces while they were recorded, as files say it. They may come from anywhere: what
 * is not as the recorder writes it counts as not there.
 *
 * @module
 */
import { FILE_METADATA_KEY } from "../contract/file_metadata.ts";
import { MAX_INTERFACE_EVENTS } from "../contract/interface_event.ts";
import { countOf, listOf } from "./recorded_json.ts";
import type { FileMetadata } from "./recording_facts.ts";

/** An event, whose kind may be one of a later version. */
export interface RecordedEvent {
  readonly time: string;
  readonly interface: string;
  readonly event: string;
  readonly detail: string;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;

/** The events of a file, in its order. */
export function recordedEvents(metadata: FileMetadata): RecordedEvent[] {
  return (listOf(metadata.get(FILE_METADATA_KEY.interfaceEvents)) ?? []).filter(isEvent);
}

/** The metadata of a file that holds what others hold, in a time. Texts of one form are in order of time. */
export function joinedEvents(
  files: readonly FileMetadata[],
  isSelected: (event: RecordedEvent) => boolean,
): Record<string, string> {
  const all = files.flatMap(recordedEvents).filter(isSelected);
  const events = all.toSorted((one, other) => one.time < other.time ? -1 : +(one.time > other.time))
    .slice(0, MAX_INTERFACE_EVENTS);
  const leftOut = files.reduce((sum, metadata) => {
    return sum + countOf(Number(metadata.get(FILE_METADATA_KEY.interfaceEventsLeftOut) ?? "0"));
  }, BigInt(all.length - events.length));
  return {
    ...events.length > 0 && { [FILE_METADATA_KEY.interfaceEvents]: JSON.stringify(events) },
    ...leftOut > 0n && { [FILE_METADATA_KEY.interfaceEventsLeftOut]: String(leftOut) },
  };
}

function isEvent(value: unknown): value is RecordedEvent {
  if (typeof value !== "object" || value === null) return false;
  const { time, interface: name, event, detail } = value as Record<string, unknown>;
  return typeof time === "string" && TIME.test(time) &&
    [name, event, detail].every((text) => typeof text === "string" && !text.includes("\0"));
}
