/**
 * When a file lost packets: its counters are read each second, and seconds in which some were lost are
 * kept.
 *
 * @module
 */
import {
  addLosses,
  boundedLosses,
  type LossInterval,
  lossText,
} from "../contract/loss_interval.ts";
import type { PacketCounts } from "../contract/packet_counts.ts";

/** Intervals of a file at most, of all attachments together. */
const MAX_INTERVALS = 2048;

/** How late a reading may be and still count as that of its second. */
const LATE_NS = 100_000_000n;

/**
 * Seconds without loss that are kept by themselves. What cannot be written was seen before: no longer ago
 * than that, or it counts in all of the time before.
 */
const KEPT_SECONDS = 60;

const NS_PER_S = 1_000_000_000n;

/** Milliseconds after which a reading is due, just behind the next full second. */
export function untilNextReading(nowNs: bigint): number {
  return Number((NS_PER_S - nowNs % NS_PER_S) / 1_000_000n) + 1;
}

/** What is known of one attachment. */
interface Course {
  /** Times with loss, in their order. */
  lossy: LossInterval[];
  /** The last times without, in their order. */
  readonly quiet: LossInterval[];
  /** All earlier ones without. */
  past: LossInterval | null;
}

/** Reads the counters of one file. */
export class LossLog {
  readonly #startNs: bigint;
  #lastNs: bigint;
  #last: readonly PacketCounts[] = [];
  /** By number of the attachment. */
  readonly #courses: Course[] = [];

  /** @param startNs of the file, by the clock of the recording */
  constructor(startNs: bigint) {
    this.#startNs = startNs;
    this.#lastNs = startNs;
  }

  /**
   * Notes what has come since the last reading.
   *
   * @param counts of the file so far, by number of the attachment
   */
  read(atNs: bigint, counts: readonly PacketCounts[]): void {
    const late = atNs % NS_PER_S;
    this.#note(late <= LATE_NS ? atNs - late : atNs, counts);
  }

  /**
   * Notes the rest.
   *
   * @param counts of the file; its intervals add up to them from here on
   */
  end(atNs: bigint, counts: readonly PacketCounts[]): void {
    this.#note(atNs, counts);
  }

  /** Lost packets in all. */
  get dropped(): number {
    return this.#last.reduce((sum, { packets_dropped }) => sum + packets_dropped, 0);
  }

  /** Intervals with loss, as the file's metadata has them. */
  get text(): string {
    return lossText(this.#courses.map(({ lossy }) => lossy));
  }

  #note(atNs: bigint, counts: readonly PacketCounts[]): void {
    const startNs = this.#lastNs;
    const endNs = atNs > startNs ? atNs : startNs;
    counts.forEach((now, slot) => {
      this.#courses[slot] ??= { lossy: [], quiet: [], past: null };
      const one = difference(startNs, endNs, now, this.#last[slot]);
      if (one !== null) this.#add(this.#courses[slot], one);
    });
    this.#lastNs = endNs;
    this.#last = counts;
    if (this.#courses.reduce((sum, { lossy }) => sum + lossy.length, 0) <= MAX_INTERVALS) return;
    // With room for others, so that this is not done for each.
    const bounded = boundedLosses(this.#courses.map(({ lossy }) => lossy), MAX_INTERVALS * 3 / 4);
    bounded.forEach((lossy, slot) => this.#courses[slot]!.lossy = [...lossy]);
  }

  #add(course: Course, added: LossInterval): void {
    let one = added;
    // What was lost now may have been seen earlier, and a time without length is none.
    while (!isPossible(one) || one.startNs === one.endNs) {
      const before = takeLast(course);
      if (before === null) break;
      one = addLosses(before, one);
    }
    if (isLossy(one)) return void course.lossy.push(one);
    course.quiet.push(one);
    if (course.quiet.length <= KEPT_SECONDS) return;
    const { startNs, ...oldest } = course.quiet.shift()!;
    course.past = course.past === null
      ? { ...oldest, startNs: this.#startNs < startNs ? this.#startNs : startNs }
      : addLosses(course.past, { ...oldest, startNs });
  }
}

/** The time before; null if there is none. */
function takeLast(course: Course): LossInterval | null {
  const [lossy, quiet] = [course.lossy.at(-1), course.quiet.at(-1)];
  if (lossy === undefined && quiet === undefined) {
    const { past } = course;
    course.past = null;
    return past;
  }
  const isQuiet = lossy === undefined || (quiet !== undefined && quiet.endNs > lossy.endNs);
  return (isQuiet ? course.quiet : course.lossy).pop()!;
}

function isLossy({ drops }: LossInterval): boolean {
  for (const _ in drops) return true;
  return false;
}

/** Nobody loses what nobody has seen. */
function isPossible({ seen, filtered, drops }: LossInterval): boolean {
  const counts = Object.values(drops);
  const lost = counts.reduce((sum, count) => sum + count, 0);
  return counts.every((count) => count > 0) && filtered >= 0 && seen - filtered >= lost;
}

/** Null if nothing came. */
function difference(
  startNs: bigint,
  endNs: bigint,
  now: PacketCounts,
  last: PacketCounts | undefined,
): LossInterval | null {
  const seen = now.packets_seen - (last?.packets_seen ?? 0);
  const filtered = now.packets_filtered - (last?.packets_filtered ?? 0);
  const drops: Record<string, number> = {};
  for (const cause of Object.keys(now.drops) as (keyof PacketCounts["drops"])[]) {
    const count = now.drops[cause] - (last?.drops[cause] ?? 0);
    if (count !== 0) drops[cause] = count;
  }
  const isNothing = seen === 0 && filtered === 0 && Object.keys(drops).length === 0;
  return isNothing ? null : { startNs, endNs, seen, filtered, drops };
}
