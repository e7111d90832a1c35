/**
 * The attachments of a file that holds a selection of other recordings. Those that differ in nothing but
 * their file are one: a recording in a thousand files has as many attachments as in one.
 *
 * @module
 */
import { lostByCause } from "./loss_intervals.ts";
import type { CopiedRows, JoinedCounters, JoinedPart } from "./joined_part.ts";
import { countOf, objectOf, recordedEntries } from "./recorded_json.ts";

/** An element of the metadata's list. */
export interface JoinedAttachment {
  readonly slot: number;
  readonly interface: string | null;
  readonly direction: string | null;
  readonly hook?: unknown;
  readonly mode?: unknown;
  readonly ended?: unknown;
  readonly end_reason?: unknown;
  /** Left out where nobody knows. */
  readonly counters?: JoinedCounters;
}

const STOPPED = "stopped";

/** The attachments that are selected, numbered anew. */
export interface JoinedAttachments {
  readonly list: readonly JoinedAttachment[];
  /** For each part, the new number of each of its attachments. */
  readonly slots: readonly ReadonlyMap<unknown, number>[];
}

/**
 * Joins them.
 *
 * @param isTimed whether counters are about the losses of the selected time only
 */
export function joinedAttachments(
  parts: readonly JoinedPart[],
  copied: readonly CopiedRows[],
  isTimed = false,
): JoinedAttachments {
  const joined = new Map<string, JoinedAttachment>();
  const keys = parts.map(() => new Map<unknown, string>());
  for (const [index, part] of parts.entries()) {
    const left = new Map(
      copied.filter((one) => one.part === index).map((one) => [viewOf(one), { ...one }]),
    );
    for (const one of selectedEntries(part)) {
      const rows = left.get(viewOf(one));
      const counters = takeRows(isTimed ? inTime(one, part) : one, rows);
      // Each that ended early is told.
      const key = one.end_reason === undefined || one.end_reason === STOPPED
        ? JSON.stringify([viewOf(one), one.hook, one.mode])
        : JSON.stringify([index, joined.size]);
      keys[index]!.set(one.slot, key);
      const known = joined.get(key);
      const { recorded: _, ...view } = one;
      joined.set(
        key,
        known === undefined ? { ...view, ...counters } : merged(known, one, counters),
      );
    }
  }
  const numbers = new Map([...joined.keys()].map((key, slot) => [key, slot]));
  return {
    list: [...joined.values()].map((one, slot) => ({ ...one, slot })),
    slots: keys.map((one) => new Map([...one].map(([old, key]) => [old, numbers.get(key)!]))),
  };
}

/** The same with the losses of the selected time only, as if the others had not been seen. */
function inTime(one: Entry, { losses }: JoinedPart): Entry {
  const counts = objectOf(one.recorded);
  if (counts === null) return one;
  const drops = lostByCause(losses.intervals.filter(({ slot }) => slot === one.slot));
  const dropped = [...drops.values()].reduce((sum, count) => sum + count, 0n);
  const outside = countOf(counts.packets_dropped) - dropped;
  return {
    ...one,
    recorded: {
      ...counts,
      packets_seen: Number(countOf(counts.packets_seen) - outside),
      packets_dropped: Number(dropped),
      drops: Object.fromEntries([...drops].map(([cause, count]) => [cause, Number(count)])),
    },
  };
}

type Entry = Omit<JoinedAttachment, "counters"> & { readonly recorded: unknown };

function selectedEntries({ metadata, attachments }: JoinedPart): Entry[] {
  const selected = new Set(attachments.map(viewOf));
  return recordedEntries(metadata).flatMap((one): Entry[] => {
    const { slot, interface: name, direction, hook, mode, ended, end_reason } = one;
    if (!isNamed(name) || !isNamed(direction)) return [];
    if (!selected.has(viewOf({ interface: name, direction }))) return [];
    const view = { interface: name, direction, hook, mode, ended, end_reason };
    return [{ slot: slot as number, ...view, recorded: one.counters }];
  });
}

/** The counters of an attachment that has some of the rows, which are then no other's. */
function takeRows(
  { recorded }: Entry,
  rows: { packets: bigint; bytes: bigint } | undefined,
): { counters?: JoinedCounters } {
  const counts = objectOf(recorded);
  // A packet file may know what it has, and not what it lacks.
  if (counts === null || counts.packets_seen === null || counts.packets_dropped === null) return {};
  const seen = countOf(counts.packets_seen);
  const dropped = countOf(counts.packets_dropped);
  const sampledOut = countOf(counts.packets_sampled_out);
  const captured = countOf(counts.packets_captured);
  const there = rows?.packets ?? 0n;
  const packets = there < captured ? there : captured;
  const bytes = rows?.bytes ?? 0n;
  if (rows !== undefined) Object.assign(rows, { packets: there - packets, bytes: 0n });
  const filtered = seen - packets - dropped - sampledOut;
  return {
    counters: {
      packets_seen: Number(seen),
      packets_captured: Number(packets),
      packets_dropped: Number(dropped),
      drops: (objectOf(counts.drops) ?? {}) as Record<string, number>,
      packets_sampled_out: Number(sampledOut),
      packets_filtered: Math.max(0, Number(filtered)),
      bytes_captured: Number(bytes),
    },
  };
}

function merged(
  known: JoinedAttachment,
  one: Entry,
  { counters }: { counters?: JoinedCounters },
): JoinedAttachment {
  const { counters: before, ...view } = known;
  const ended = [known.ended, one.ended].filter((text) => typeof text === "string").sort().at(-1);
  const sum = before === undefined || counters === undefined ? undefined : added(before, counters);
  return { ...view, ...(ended !== undefined && { ended }), ...(sum && { counters: sum }) };
}

function added(one: JoinedCounters, other: JoinedCounters): JoinedCounters {
  const causes = new Set([...Object.keys(one.drops), ...Object.keys(other.drops)]);
  return {
    packets_seen: one.packets_seen + other.packets_seen,
    packets_captured: one.packets_captured + other.packets_captured,
    packets_dropped: one.packets_dropped + other.packets_dropped,
    drops: Object.fromEntries(
      [...causes].map((cause) => [cause, (one.drops[cause] ?? 0) + (other.drops[cause] ?? 0)]),
    ),
    packets_sampled_out: one.packets_sampled_out + other.packets_sampled_out,
    packets_filtered: one.packets_filtered + other.packets_filtered,
    bytes_captured: one.bytes_captured + other.bytes_captured,
  };
}

/** A packet file may not say, and then has null. */
function isNamed(value: unknown): value is string | null {
  return typeof value === "string" || value === null;
}

function viewOf(
  { interface: name, direction }: {
    readonly interface: string | null;
    readonly direction: string | null;
  },
): string {
  return JSON.stringify([name, direction]);
}
