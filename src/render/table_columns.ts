/**
 * The columns of each report's table: what a person reads, so an address and its port are one
 * column, and numbers have units.
 *
 * @module
 */
import { reportColumns, type TabularReport } from "../query/reports.ts";
import type { Row, Value } from "../query/session.ts";
import { formatBytes, formatCount, formatDuration } from "./quantity.ts";
import type { TableColumn } from "./table.ts";
import { tableTimestamp } from "./timestamp.ts";

/** Shown for NULL. */
const NOTHING = "-";

/** `10.0.0.2:51000`: below that, a flow's ends cannot be told apart. */
const ENDPOINT_LEAST = 14;

/** Table columns of a report; their cells read rows as the report's query gives them. */
export function tableColumns(report: TabularReport): readonly TableColumn[] {
  const names = reportColumns(report).map(({ name }) => name);
  /** Reads a column of a row by its name. */
  const value = (name: string): (row: Row) => Value => {
    const index = names.indexOf(name);
    return (row) => row[index] ?? null;
  };
  const number = (
    heading: string,
    name: string,
    format: (value: number | bigint) => string,
  ): TableColumn => {
    const read = value(name);
    return { heading, align: "right", cell: (row) => formatNumber(read(row), format) };
  };
  const text = (heading: string, name: string): TableColumn => {
    const read = value(name);
    return { heading, align: "left", shorten: "start", cell: (row) => formatText(read(row)) };
  };
  const endpoint = (heading: string, address: string, port: string): TableColumn => {
    const [readAddress, readPort] = [value(address), value(port)];
    const cell = (row: Row) => formatEndpoint(readAddress(row), readPort(row));
    return { heading, align: "left", shorten: "ends", cell };
  };

  const direction = text("Dir", "direction");
  const packets = number("Packets", "packet_count", formatCount);
  const bytes = number("Bytes", "total_bytes", formatBytes);
  const size = number("Avg size", "avg_packet_size", formatBytes);
  const averageSize = { ...size, leaveOut: "first" } as const;
  switch (report) {
    case "traffic":
      return [direction, text("Protocol", "protocol"), packets, bytes, averageSize];
    case "top":
      return [direction, endpoint("Source", "source_ip", ""), packets, bytes, averageSize];
    case "flows":
      return [
        { ...direction, leaveOut: "last" },
        { ...endpoint("Source", "source_ip", "source_port"), least: ENDPOINT_LEAST },
        { ...endpoint("Destination", "destination_ip", "destination_port"), least: ENDPOINT_LEAST },
        { ...text("Protocol", "protocol"), leaveOut: "last" },
        { ...packets, leaveOut: "last" },
        bytes,
        {
          ...number("Start (UTC)", "flow_start", (time) => tableTimestamp(BigInt(time))),
          leaveOut: "first",
        },
        {
          ...number("Duration", "duration_seconds", (time) => formatDuration(Number(time))),
          leaveOut: "first",
        },
      ];
  }
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

function formatNumber(value: Value, format: (value: number | bigint) => string): string {
  return typeof value === "number" || typeof value === "bigint" ? format(value) : NOTHING;
}
