/**
 * Packets as CSV (RFC 4180, lines ended by LF alone) and as newline-delimited JSON. The lines are made
 * by DuckDB, which does it in as many threads as there are; the notation is that of reports.
 *
 * @module
 */
import { type Column, COLUMNS } from "../../contract/columns.ts";
import type { PacketCopy } from "../../query/packet_copy.ts";
import { printedAddress, printedMac } from "../../contract/printed_text.ts";
import type { Destination } from "./destination.ts";

/** @returns rows that were written */
export async function writeText(
  packets: PacketCopy,
  format: "csv" | "ndjson",
  target: Destination,
): Promise<bigint> {
  if (format === "csv") await target.write(`${COLUMNS.map(({ name }) => name).join(",")}\n`);
  let rows = 0n;
  for await (const lines of packets.lines(format === "csv" ? CSV_LINE : JSON_LINE)) {
    await target.write(lines.text);
    rows += BigInt(lines.rows);
  }
  return rows;
}

/** What is in a column, as text; NULL where it has no value. */
function text({ name, type }: Column): string {
  if (type === "TIMESTAMP_NS") return isoTime(name);
  if (name.endsWith("_ip")) return printedAddress(name);
  if (name.endsWith("_mac")) return printedMac(name);
  return type === "VARCHAR" ? name : `${name}::VARCHAR`;
}

/** ISO 8601 in UTC with nine digits. DuckDB's own (%n) are not in their place. */
function isoTime(name: string): string {
  const nanoseconds = `(epoch_ns(${name}) % 1000000000 + 1000000000) % 1000000000`;
  const digits = `lpad((${nanoseconds})::VARCHAR, 9, '0')`;
  return `strftime(${name}, '%Y-%m-%dT%H:%M:%S.') || ${digits} || 'Z'`;
}

/** A text of the vocabulary has no control characters; names of interfaces can have quotes. */
function csvField(column: Column): string {
  const value = text(column);
  const field = column.name === "interface"
    ? `CASE WHEN regexp_matches(${value}, '[",]') THEN '"' || replace(${value}, '"', '""') || '"' ELSE ${value} END`
    : value;
  return `coalesce(${field}, '')`;
}

function jsonMember(column: Column): string {
  const isText = column.type === "VARCHAR" || column.type === "TIMESTAMP_NS";
  const escaped = column.name === "interface"
    ? String.raw`replace(replace(${text(column)}, '\', '\\'), '"', '\"')`
    : text(column);
  const value = isText ? `'"' || ${escaped} || '"'` : escaped;
  return `'"${column.name}":' || coalesce(${value}, 'null')`;
}

const CSV_LINE = COLUMNS.map(csvField).join(` || ',' || `);
const JSON_LINE = `'{' || ${COLUMNS.map(jsonMember).join(` || ',' || `)} || '}'`;
