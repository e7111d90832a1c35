/**
 * A live view as the lines of a screen.
 *
 * @module
 */
import { printable } from "../../core/printable.ts";
import { formatCount, formatDuration, formatRate, formatShare } from "../../core/quantity.ts";
import { sparkline } from "../sparkline.ts";
import { bold, reverse, warning, withoutStyles } from "../style.ts";
import { displayWidth, truncateText } from "../visible_text.ts";
import { type LiveHistory, type LiveRow, sumOf, WINDOWS } from "./live_history.ts";
import { SUM, SUMS, type View, VIEWS, WAYS } from "./live_rows.ts";
import type { Sort } from "./row_order.ts";

/** Time that a sparkline goes back at least, seconds. */
const SPARK_SECONDS = 180;

/** Terminals that are smaller get what fits. */
const MIN_WIDTH = 20;

const RATE_WIDTH = 7;
const WAY_WIDTH = 10;
/** From so many columns on, both ways of a row are shown as well. */
const WIDE = 78;

/** Everything that a screen shows. */
export interface Picture {
  readonly interfaces: readonly string[];
  readonly elapsedMs: number;
  /** Packets since the start that were wanted, and those of them that were lost. */
  readonly loss: { readonly wanted: number; readonly lost: number };
  readonly sampleRate: number;
  /** The file that is recorded at the same time; null = none. */
  readonly file: { readonly path: string; readonly bytes: number } | null;
  readonly history: LiveHistory;
  readonly view: View;
  readonly sort: Sort;
  readonly unit: "bytes" | "packets";
  readonly isPaused: boolean;
  /** The filter of the capture, and the one that was typed in; empty = none. */
  readonly captureFilter: string;
  readonly filter: string;
  /** How many rows there are, and the first of them in their order: at least those that are shown. */
  readonly rowCount: number;
  readonly rows: readonly LiveRow[];
  /** Index of the row that is chosen. */
  readonly selected: number;
  /** What is being typed; null = nothing. */
  readonly prompt: string | null;
  /** What is to be said about the last key; null = nothing. */
  readonly message: string | null;
  readonly showsHelp: boolean;
}

/** The screen itself. */
export interface ScreenLook {
  readonly width: number;
  readonly height: number;
  readonly colour: boolean;
  readonly unicode: boolean;
}

/** What the keys do. */
const HELP: readonly (readonly [keys: string, text: string])[] = [
  ["q, Ctrl-C", "end"],
  ["Tab, 1-5", "next view, or one of the five"],
  ["Up, Down, j, k", "choose a row; Page Up, Page Down, Home, End"],
  ["Enter", "only what belongs to the chosen row"],
  ["b, Backspace", "back to the filter before"],
  ["/, f", "a filter, in the words of tcpdump"],
  ["s", "sort by 2 s, 10 s, 40 s or name"],
  ["u", "bits or packets per second"],
  ["p, Space", "pause; the capture goes on"],
  ["?, h", "this help"],
  ["", ""],
  ["again", "TCP segments that had been sent before"],
  ["refused", "TCP connections that were refused"],
  ["a > b:80", "client and server: who sent the SYN, else the higher port"],
];

/** Names of the views where there is little room. */
const SHORT_NAMES: Readonly<Record<View, string>> = {
  conversations: "convs",
  hosts: "hosts",
  ports: "ports",
  protocols: "protos",
  interfaces: "ifaces",
};

const KEYS = "Tab view  s sort  / filter  Enter narrow  b back  p pause  ? help  q quit";
const FEW_KEYS = "Tab / Enter b s p  ? help  q quit";

/** Rows that a screen of this height has room for. */
export function roomForRows(height: number): number {
  return Math.max(1, height - 7);
}

/** Exactly `height` lines, none of them wider than the screen. */
export function renderScreen(picture: Picture, look: ScreenLook): string[] {
  const width = Math.max(look.width, MIN_WIDTH);
  const lines = [
    titleLine(picture, width, look.colour),
    ...wayLines(picture, width, look.unicode),
    filterLine(picture),
    viewLine(picture, width, look.colour),
    ...picture.showsHelp ? helpLines() : tableLines(picture, width, look),
  ].slice(0, look.height - 1);
  while (lines.length < look.height - 1) lines.push("");
  lines.push(lastLine(picture, width));
  return lines.slice(-look.height).map((line) => cut(line, look.width));
}

function titleLine(picture: Picture, width: number, colour: boolean): string {
  const { loss, elapsedMs, file, sampleRate } = picture;
  const lost = loss.lost === 0
    ? "lost 0"
    : `lost ${formatCount(loss.lost)} (${formatShare(loss.lost / loss.wanted)})`;
  const parts = [
    formatDuration(Math.floor(elapsedMs / 1000)),
    loss.lost === 0 ? lost : warning(lost, colour),
    ...picture.isPaused ? [bold("paused", colour)] : [],
    ...sampleRate > 1 ? [`scaled up by ${formatCount(sampleRate)}`] : [],
    ...file === null ? [] : [`file ${scaled(file.bytes, "B")}`],
  ].join("  ");
  const names = picture.interfaces.map(printable).join(", ");
  return `${truncateText(names, Math.max(8, width - plainWidth(parts) - 2), "start")}  ${parts}`;
}

/** Rate in and out, and how it was. */
function wayLines({ history }: Picture, width: number, unicode: boolean): string[] {
  const now = history.totalsOf(Math.min(2, history.length));
  const seconds = Math.max(1, Math.min(2, history.length));
  const rate = (bytes: number, packets: number) =>
    `${formatRate(8 * bytes / seconds, "bit").padStart(12)} ${
      formatRate(packets / seconds, "packets").padStart(15)
    }`;
  const ways = [
    ["in ", rate(now.bytesIn, now.packetsIn), "bytesIn"],
    ["out", rate(now.bytesOut, now.packetsOut), "bytesOut"],
  ] as const;
  const room = width - ways[0]![1].length - 6;
  const step = Math.max(1, Math.ceil(SPARK_SECONDS / Math.max(1, room)));
  const bars = ways.map(([, , way]) => sparkBars(history, way, step, room));
  const highest = Math.max(0, ...bars.flat());
  return ways.map(([name, text], index) =>
    `${name} ${text}  ${sparkline(bars[index]!, highest, unicode)}`.trimEnd()
  );
}

/** Bytes per second, of whole steps of time, so that they stay as they are when time goes on. */
function sparkBars(
  history: LiveHistory,
  way: "bytesIn" | "bytesOut",
  step: number,
  room: number,
): number[] {
  const { totals, last = 0 } = history;
  const bars = new Map<number, { bytes: number; seconds: number }>();
  totals.forEach((total, index) => {
    const bar = Math.floor((last - totals.length + 1 + index) / step);
    const { bytes, seconds } = bars.get(bar) ?? { bytes: 0, seconds: 0 };
    bars.set(bar, { bytes: bytes + total[way], seconds: seconds + 1 });
  });
  const values = [...bars.values()].map(({ bytes, seconds }) => bytes / seconds);
  return room <= 0 ? [] : values.slice(-room);
}

/** Which packets, and how many of them no row has room for. */
function filterLine({ captureFilter, filter, history }: Picture): string {
  const filters = [captureFilter, filter].filter((text) => text !== "").map(printable);
  const which = filters.length === 0 ? "all packets" : `only ${filters.join(", of these ")}`;
  return history.others === 0
    ? which
    : `${formatRate(history.others, "packets")} of others, in no row; ${which}`;
}

function viewLine(
  { view, unit, sort, showsHelp }: Picture,
  width: number,
  colour: boolean,
): string {
  const tabs = (short: boolean) =>
    VIEWS.map((name, index) => {
      const text = `${index + 1} ${short ? SHORT_NAMES[name] : name}`;
      return name === view && !showsHelp ? mark(text, colour) : ` ${text} `;
    }).join("");
  const how = `${unit === "bytes" ? "bit/s" : "packets/s"} by ${sort}`;
  const long = tabs(false);
  const isLong = plainWidth(long) + how.length + 1 <= width;
  const left = isLong ? long : tabs(true);
  return left + how.padStart(Math.max(1, width - plainWidth(left)));
}

/** The view that is shown, without colour too. */
function mark(text: string, colour: boolean): string {
  return colour ? reverse(` ${text} `, true) : `[${text}]`;
}

function helpLines(): string[] {
  return HELP.map(([keys, text]) => `${keys.padEnd(16)}${text}`.trimEnd());
}

function tableLines(picture: Picture, width: number, look: ScreenLook): string[] {
  const { rowCount, rows, selected, history } = picture;
  const room = roomForRows(look.height);
  const first = Math.max(0, Math.min(selected - room + 1, rowCount - room));
  const isWide = width >= WIDE;
  const nameWidth = width - RATE_WIDTH * WINDOWS.length - (isWide ? 2 * WAY_WIDTH : 0);
  const [forth, back] = WAYS[picture.view].map((way) => way.replace("_", " "));
  const heads = [
    ...WINDOWS.map((seconds) => `${seconds} s`.padStart(RATE_WIDTH)),
    ...isWide ? [forth!.padStart(WAY_WIDTH), back!.padStart(WAY_WIDTH)] : [],
  ].join("");
  const head = `${formatCount(rowCount)} ${picture.view}`.padEnd(nameWidth) + heads;
  if (rowCount === 0) {
    const text = history.length === 0 ? "waiting for the first whole second" : "no packets";
    return [bold(head, look.colour), text];
  }
  return [
    bold(head, look.colour),
    ...rows.slice(first, first + room).map((row, index) => {
      const line = rowLine(row, picture, nameWidth, isWide);
      return first + index === selected ? selectedLine(line, look.colour) : line;
    }),
  ];
}

/** Without colour the mark stands before the line, in place of a blank. */
function selectedLine(line: string, colour: boolean): string {
  return colour ? reverse(line, true) : `*${line.slice(1)}`;
}

function rowLine(row: LiveRow, picture: Picture, nameWidth: number, isWide: boolean): string {
  const { history, unit } = picture;
  const factor = unit === "bytes" ? 8 : 1;
  const rate = (sum: number, window: number) =>
    scaled(factor * sum / Math.max(1, history.secondsOf(window)), "");
  const way = (index: number) => {
    // Of the middle window.
    const sum = row.sums[SUMS + index + (unit === "bytes" ? 1 : 0)]!;
    return rate(sum, 1).padStart(WAY_WIDTH);
  };
  const again = row.sums[2 * SUMS + SUM.again]!;
  const refused = row.sums[2 * SUMS + SUM.refused]!;
  const notes = [
    ...again > 0 ? [`${scaled(again, "")} again`] : [],
    ...refused > 0 ? [`${scaled(refused, "")} refused`] : [],
  ].map((note) => ` ${note}`).join("");
  const room = nameWidth - 2 - notes.length;
  const name = ` ${truncateText(printable(row.label), Math.max(8, room), "ends")}${notes}`;
  return [
    name + " ".repeat(Math.max(0, nameWidth - displayWidth(name))),
    ...WINDOWS.map((_, window) => rate(sumOf(row, window, unit), window).padStart(RATE_WIDTH)),
    ...isWide ? [way(SUM.packetsForth), way(SUM.packetsBack)] : [],
  ].join("");
}

function lastLine({ prompt, message, showsHelp }: Picture, width: number): string {
  if (message !== null && prompt === null) return printable(message);
  if (prompt !== null) {
    const text = printable(prompt);
    const shown = message === null ? "" : `  ${printable(message)}`;
    const room = Math.max(8, width - 10 - Math.min(shown.length, width / 2));
    const visible = displayWidth(text) <= room ? text : `…${[...text].slice(1 - room).join("")}`;
    return `filter: ${visible}_${shown}`;
  }
  if (showsHelp) return "any key: back";
  return KEYS.length <= width ? KEYS : FEW_KEYS;
}

/** Three digits and a decimal prefix: `999`, `1.23k`, `45.6M`. */
export function scaled(value: number, unit: string): string {
  let rest = value;
  let prefix = 0;
  const prefixes = ["", "k", "M", "G", "T", "P"];
  while (rest >= 999.5 && prefix < prefixes.length - 1) {
    rest /= 1000;
    prefix++;
  }
  const digits = prefix === 0 || rest >= 99.95 ? 0 : rest >= 9.995 ? 1 : 2;
  return `${rest.toFixed(digits)}${unit === "" ? "" : " "}${prefixes[prefix]}${unit}`;
}

function plainWidth(text: string): number {
  return displayWidth(withoutStyles(text));
}

/** Cut to the width, styles not counted; a line that is cut has none. */
function cut(line: string, width: number): string {
  if (plainWidth(line) <= width) return line;
  return truncateText(withoutStyles(line), width, "start");
}
