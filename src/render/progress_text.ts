/**
 * How far something is, as one line of a terminal.
 *
 * @module
 */
import { printable } from "../core/printable.ts";
import type { Progress } from "../core/progress.ts";
import { formatBytes, formatDuration, formatRate } from "../core/quantity.ts";
import { bar } from "./bars.ts";
import { displayWidth, truncateText } from "./visible_text.ts";

const MIN_BAR = 8;
const MAX_BAR = 20;

/** What goes on is shortened: it can be the name of a file. */
const MIN_NAME = 16;
const NAME_ROOM = 50;

/** With less done, what is left is anybody's guess. */
const MIN_SHARE = 0.01;

/** Where the line is shown, and when. */
export interface ProgressLook {
  /** Time since somebody began to wait. */
  readonly elapsedMs: number;
  /** Time that what is done has taken. */
  readonly partMs: number;
  /** Columns of the terminal. */
  readonly width: number;
  readonly unicode: boolean;
}

/**
 * `querying: 42 % ██████▏       1.23 Mpackets/s  3.00 s, 4.00 s left`, no wider than the terminal: the time
 * that has passed, the rate and the bar make room, in this order.
 */
export function progressText({ what, share, done }: Progress, look: ProgressLook): string {
  const { elapsedMs, partMs, width, unicode } = look;
  const name = truncateText(printable(what), Math.max(MIN_NAME, width - NAME_ROOM), "ends");
  const elapsed = formatDuration(elapsedMs / 1000);
  // What is left is to compute and to sort: nobody knows how long that takes.
  if (share === 1) {
    return truncateText(`${name}: all is read  ${elapsed}`, width, "start");
  }
  const seconds = partMs / 1000;
  const rate = done === null || seconds <= 0 ? null : rateText(done, seconds);
  const left = share === null || share < MIN_SHARE
    ? null
    : `${formatDuration(Math.ceil(seconds * (1 - share) / share))} left`;
  const head = [`${name}:`, ...share === null ? [] : [`${Math.floor(100 * share)} %`]].join(" ");
  // From all that there is to what matters most.
  const tails = [[rate, `${elapsed}, ${left}`], [rate, left], [left]]
    .map((parts) => left === null ? [rate, elapsed] : parts)
    .map((parts) => parts.filter((part) => part !== null).join("  "));
  const roomOf = (tail: string) => width - displayWidth(head) - displayWidth(tail) - 3;
  const beside = share === null ? undefined : tails.find((tail) => roomOf(tail) >= MIN_BAR);
  if (share === null || beside === undefined) {
    const tail = tails.find((tail) => roomOf(tail) >= -2) ?? elapsed;
    return truncateText(`${head} ${tail}`, width, "start");
  }
  const cells = Math.min(MAX_BAR, roomOf(beside));
  const filled = bar(share, 1, cells, unicode);
  return `${head} ${filled.padEnd(cells, unicode ? " " : ".")}  ${beside}`;
}

function rateText({ amount, unit }: NonNullable<Progress["done"]>, seconds: number): string {
  return unit === "packets"
    ? formatRate(amount / seconds, "packets")
    : `${formatBytes(Math.round(amount / seconds))}/s`;
}
