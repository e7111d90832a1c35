/**
 * Aligned text tables that fit the terminal.
 *
 * Where a table is wider than the terminal, columns that the others can do without go first, then
 * text is shortened with "…". Numbers are never shortened. Where it is wider than the table, a column may
 * be drawn as bars.
 *
 * @module
 */
import type { Row } from "../query/session.ts";
import { axis, bar } from "./bars.ts";
import { bold } from "./style.ts";
import { displayWidth, truncateText, visibleText } from "./visible_text.ts";

/** Where a table goes. */
export interface Screen {
  /** Terminal cells in a line; null = no terminal: nothing is shortened or left out. */
  readonly width: number | null;
  readonly colour: boolean;
  /** Whether it shows more than ASCII; no unless said otherwise. */
  readonly unicode?: boolean;
}

/** How a column becomes bars, where a terminal has room for them. */
export interface BarScale {
  readonly value: (row: Row) => number;
  /** The end of the axis; null = the largest value. */
  readonly end: number | null;
  readonly format: (value: number) => string;
  /** Heading of a column that has what the bars show as text, if no other column has. */
  readonly heading?: string;
}

export interface TableColumn {
  readonly heading: string;
  readonly align: "left" | "right";
  /** The text of one row, not yet made safe for a terminal. */
  readonly cell: (row: Row) => string;
  /** Which part of a text says most, if it may be shortened; numbers have none. */
  readonly shorten?: "start" | "ends";
  /** Terminal cells that a text is never shortened below; `MIN_WIDTH` unless given. */
  readonly min?: number;
  /** "first" goes as soon as text would be shortened much, "last" only when nothing else helps. */
  readonly leaveOut?: "first" | "last";
  /** Its numbers as bars too, behind the last column. One column of a table has it at most. */
  readonly bar?: BarScale;
}

/** Told of the columns that a narrow terminal has no room for. */
export type LeftOut = (headings: readonly string[]) => void;

/**
 * Rows from which the widths are taken. A table of more rows is not kept in memory: later rows are
 * laid out with the widths of the first.
 */
const LAYOUT_ROWS = 1000;

const GAP = "  ";
/** A text keeps this much before columns with `leaveOut: "first"` stay: an IPv4 address and port. */
const COMFORTABLE_WIDTH = 21;
/** No text column gets narrower, unless it says otherwise. */
const MIN_WIDTH = 9;
/** No cell of any table is wider: an IPv6 address with port takes 47. */
const MAX_CELL = 64;

/** Bars are not shorter and not longer than that. */
const MIN_BAR = 12;
const MAX_BAR = 60;

interface Layout {
  readonly columns: readonly TableColumn[];
  readonly widths: readonly number[];
  readonly bars: Bars | null;
}

interface Bars {
  readonly scale: BarScale;
  readonly end: number;
  readonly width: number;
  readonly unicode: boolean;
}

/** Heading and rows as lines. Without rows, the heading alone. */
export async function* renderTable(
  given: readonly TableColumn[],
  batches: AsyncIterable<readonly Row[]>,
  screen: Screen,
  leftOut: LeftOut = () => {},
): AsyncGenerator<string> {
  // A query takes the names of its columns from the packets, where it pivots.
  const columns = given.map((one) => ({ ...one, heading: shownText(one.heading, "start") }));
  let layout: Layout | null = null;
  const waiting: Row[] = [];
  const start = (): string => {
    layout = layOut(columns, waiting, screen);
    const kept = layout.columns;
    if (kept.length < columns.length) {
      leftOut(columns.filter((column) => !kept.includes(column)).map(({ heading }) => heading));
    }
    return headingLine(layout, screen.colour) + rowLines(layout, waiting);
  };
  for await (const batch of batches) {
    if (layout !== null) {
      yield rowLines(layout, batch);
      continue;
    }
    waiting.push(...batch);
    if (waiting.length >= LAYOUT_ROWS) yield start();
  }
  if (layout === null) yield start();
}

function layOut(
  columns: readonly TableColumn[],
  rows: readonly Row[],
  { width, unicode = false }: Screen,
): Layout {
  const drawn = columns.find((column) => column.bar !== undefined);
  const told = drawn?.bar === undefined ? null : toldColumn(drawn.bar);
  const all = told === null ? columns : [...columns, told];
  const natural = new Map(all.map((column) => [column, naturalWidth(column, rows)]));
  const widthOf = (column: TableColumn, max = Infinity) => {
    const full = natural.get(column)!;
    return column.shorten ? Math.min(full, Math.max(max, column.min ?? MIN_WIDTH)) : full;
  };
  const total = (kept: readonly TableColumn[], max?: number) => {
    const gaps = GAP.length * (kept.length - 1);
    return kept.reduce((sum, column) => sum + widthOf(column, max), gaps);
  };
  const asTheyAre = (some: readonly TableColumn[]) => some.map((column) => widthOf(column));
  if (width === null) return { columns, widths: asTheyAre(columns), bars: null };
  if (drawn?.bar !== undefined && rows.length > 0) {
    const scale = drawn.bar;
    // Details make room: a number that is seen says more than one more that is read.
    const fits = (few: readonly TableColumn[]) => total(few) + GAP.length + MIN_BAR <= width;
    const wanted = columns.flatMap((one) => one === drawn && told !== null ? [one, told] : [one]);
    const some = leaveOut(wanted, "first", fits, drawn);
    if (fits(some)) {
      const end = scale.end ?? rows.reduce((most, row) => Math.max(most, scale.value(row)), 0);
      const barWidth = Math.min(MAX_BAR, width - total(some) - GAP.length);
      const bars = { scale, end, width: barWidth, unicode };
      return { columns: some, widths: asTheyAre(some), bars };
    }
  }
  if (total(columns) <= width) return { columns, widths: asTheyAre(columns), bars: null };
  let kept = leaveOut(columns, "first", (some) => total(some, COMFORTABLE_WIDTH) <= width);
  kept = leaveOut(kept, "last", (some) => total(some, 0) <= width);
  // The widest text gives way first: the largest common limit that fits.
  let max = MAX_CELL;
  while (max > 0 && total(kept, max) > width) max--;
  return { columns: kept, widths: kept.map((column) => widthOf(column, max)), bars: null };
}

/** What bars show as text; null if a column has it anyway. */
function toldColumn({ heading, value, format }: BarScale): TableColumn | null {
  if (heading === undefined) return null;
  return { heading, align: "right", cell: (row) => format(value(row)), leaveOut: "first" };
}

/**
 * Takes away columns of one kind until the rest fits or none is left: "first" from the right, where
 * the details are, "last" from the left, where a flow's direction is. One that is needed stays.
 */
function leaveOut(
  columns: readonly TableColumn[],
  kind: "first" | "last",
  fits: (kept: readonly TableColumn[]) => boolean,
  needed?: TableColumn,
): readonly TableColumn[] {
  let kept = columns;
  while (!fits(kept)) {
    const candidates = kept.filter((column) => column.leaveOut === kind && column !== needed);
    const next = kind === "first" ? candidates.at(-1) : candidates[0];
    if (next === undefined) return kept;
    kept = kept.filter((column) => column !== next);
  }
  return kept;
}

function naturalWidth(column: TableColumn, rows: readonly Row[]): number {
  let width = displayWidth(column.heading);
  for (const row of rows) width = Math.max(width, displayWidth(cellText(column, row)));
  return width;
}

function headingLine({ columns, widths, bars }: Layout, colour: boolean): string {
  const cells = columns.map((column, index) => align(column, column.heading, widths[index]!));
  if (bars !== null) cells.push(axis(bars.scale.format(bars.end), bars.width));
  return `${bold(cells.join(GAP).trimEnd(), colour)}\n`;
}

function rowLines({ columns, widths, bars }: Layout, rows: readonly Row[]): string {
  let text = "";
  for (const row of rows) {
    const cells = columns.map((column, index) =>
      align(column, cellText(column, row), widths[index]!)
    );
    if (bars !== null) {
      cells.push(bar(bars.scale.value(row), bars.end, bars.width, bars.unicode));
    }
    text += `${cells.join(GAP).trimEnd()}\n`;
  }
  return text;
}

function cellText(column: TableColumn, row: Row): string {
  return shownText(column.cell(row), column.shorten ?? "start");
}

function shownText(text: string, part: "start" | "ends"): string {
  // A hostile file may hold cells of megabytes: cut before the costly part.
  return truncateText(visibleText(text.slice(0, 4 * MAX_CELL)), MAX_CELL, part);
}

function align(column: TableColumn, text: string, width: number): string {
  const fitting = column.shorten ? truncateText(text, width, column.shorten) : text;
  const padding = " ".repeat(Math.max(0, width - displayWidth(fitting)));
  return column.align === "right" ? padding + fitting : fitting + padding;
}
