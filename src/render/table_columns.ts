/**
 * The columns of a report's table: what a person reads, so an address and its port are one column,
 * and numbers have units.
 *
 * @module
 */
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
} from "../core/quantity.ts";
import type { Row, Value } from "../query/session.ts";
import type { ColumnKind, TableCell, TableReport } from "../reports/report.ts";
import type { BarScale, TableColumn } from "./table.ts";
import { exactTimestamp, tableTimestamp } from "./timestamp.ts";

/** Shown for NULL. */
const NOTHING = "-";

/** How numbers of each kind read; the kinds that are missing are text. */
const NUMBER_FORMATS: Partial<Record<ColumnKind, (value: number | bigint) => string>> = {
  count: formatCount,
  bytes: formatBytes,
  packet_rate: (value) => formatRate(value, "packets"),
  bit_rate: (value) => formatRate(value, "bit"),
  share: (value) => formatShare(Number(value)),
  time: (value) => tableTimestamp(BigInt(value)),
  seconds: (value) => formatDuration(Number(value)),
};

function exactTime(value: number | bigint): string {
  return exactTimestamp(BigInt(value));
}

/**
 * Table columns of a report; their cells read rows as the report's query gives them.
 *
 * @param total of all packets, which shares are of; without it there are no shares
 */
export function tableColumns(
  { columns, cells }: Pick<TableReport, "columns" | "cells">,
  total: bigint | null = null,
): readonly TableColumn[] {
  return cells.map((cell) => tableColumn(cell, columns, total));
}

function tableColumn(
  { heading, column, port, empty, min, leaveOut, bar, isExact = false }: TableCell,
  columns: TableReport["columns"],
  total: bigint | null,
): TableColumn {
  const indexOf = (name: string) => columns.findIndex((one) => one.name === name);
  const index = indexOf(column);
  const kind = columns[index]!.kind;
  const read = (row: Row): Value => row[index] ?? null;
  const layout = { ...(min === undefined ? {} : { min }), ...(leaveOut ? { leaveOut } : {}) };
  const format = kind === "time" && isExact ? exactTime : NUMBER_FORMATS[kind];
  if (format !== undefined) {
    const cell = (row: Row) => formatNumber(read(row), format, empty);
    const value = (row: Row) => Number(read(row) ?? 0);
    const scale = bar === "share" ? shareScale(value, total) : sizeScale(value, kind, format);
    return { heading, align: "right", cell, ...layout, ...(bar && scale ? { bar: scale } : {}) };
  }
  if (kind === "address") {
    const portIndex = port === undefined ? -1 : indexOf(port);
    const cell = (row: Row) => {
      const address = read(row);
      return address === null && empty ? empty : formatEndpoint(address, row[portIndex] ?? null);
    };
    return { heading, align: "left", shorten: "ends", cell, ...layout };
  }
  return {
    heading,
    align: "left",
    shorten: "start",
    cell: (row) => formatText(read(row)),
    ...layout,
  };
}

function sizeScale(
  value: BarScale["value"],
  kind: ColumnKind,
  format: BarScale["format"],
): BarScale {
  // A share is one of all.
  return { value, end: kind === "share" ? 1 : null, format };
}

/** @returns null if there is nothing to have a share of */
function shareScale(value: BarScale["value"], total: bigint | null): BarScale | null {
  if (total === null || total === 0n) return null;
  return {
    value: (row) => value(row) / Number(total),
    end: 1,
    format: formatShare,
    heading: "Share",
  };
}

/** `10.0.0.1:443`, `[2001:db8::1]:443` (RFC 3986, 3.2.2), or the address alone. */
export function formatEndpoint(address: Value, port: Value): string {
  if (address === null) return NOTHING;
  if (port === null) return String(address);
  return String(address).includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function formatText(value: Value): string {
  return value === null ? NOTHING : String(value);
}

function formatNumber(
  value: Value,
  format: (value: number | bigint) => string,
  empty = NOTHING,
): string {
  return typeof value === "number" || typeof value === "bigint" ? format(value) : empty;
}
