/**
 * What happened to interfaces while they were recorded. Names and forms are a public contract: they stand
 * in the metadata of files and in the final report.
 *
 * @module
 */

/** What can happen, and what it means, for the documentation. */
export const INTERFACE_EVENTS = {
  down: "it was set down, or has lost its carrier (`no carrier`)",
  up: "it is up, with a carrier, again",
  renamed: "it has another name; its packets keep the name of the beginning",
  mtu_changed: "its MTU was changed",
  moved: "it is in another network namespace, and no longer recorded",
  deleted: "it is gone",
  detached: "somebody detached the program",
  came: "waited for since the beginning, it was there and was attached",
  came_back: "it was there again, under its name, and was attached again",
  refused: "it was there, but could not be attached",
} as const;

/** The kind of an event. */
export type InterfaceEventKind = keyof typeof INTERFACE_EVENTS;

/** One event. */
export interface InterfaceEvent {
  /** When it was noticed, at most a second late: ISO-8601 in UTC with nine fraction digits. */
  readonly time: string;
  /** Name of the interface, as the rows have it. */
  readonly interface: string;
  readonly event: InterfaceEventKind;
  /** More of it, in words; empty when there is no more. */
  readonly detail: string;
}

/** Some of what happened. */
export interface InterfaceEvents {
  /** The first of them. */
  readonly events: readonly InterfaceEvent[];
  /** Those that were too many to keep. */
  readonly leftOut: number;
}

/** As many are kept, for a file and for the final report. */
export const MAX_INTERFACE_EVENTS = 1000;

/** Keeps the first of many events, and counts the rest. */
export class InterfaceEventList implements InterfaceEvents {
  readonly events: InterfaceEvent[] = [];
  leftOut = 0;

  add(event: InterfaceEvent): void {
    if (this.events.length < MAX_INTERFACE_EVENTS) this.events.push(event);
    else this.leftOut++;
  }

  /** All of them, and forgets them. */
  take(): InterfaceEvents {
    const taken = { events: this.events.splice(0), leftOut: this.leftOut };
    this.leftOut = 0;
    return taken;
  }
}

/** A time in which an interface was not there. */
export interface InterfaceGap {
  readonly interface: string;
  /** Null if that was before the file. */
  readonly from: string | null;
  readonly to: string;
}

/** The gaps that ended within a list of events. */
export function interfaceGaps(
  events: readonly { time: string; interface: string; event: string }[],
): InterfaceGap[] {
  const left = new Map<string, string>();
  return events.flatMap(({ time, interface: name, event }): InterfaceGap[] => {
    if (event === "deleted" || event === "moved") left.set(name, time);
    if (event !== "came_back") return [];
    const from = left.get(name) ?? null;
    left.delete(name);
    return [{ interface: name, from, to: time }];
  });
}
