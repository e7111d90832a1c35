/**
 * What there is to ask for in SQL.
 *
 * @module
 */
import { COLUMNS } from "../../contract/columns.ts";
import { FUNCTIONS } from "../../query/macro_list.ts";
import { EVENT_COLUMNS, RECORDINGS_COLUMNS } from "../../query/recordings_table.ts";
import { bold } from "../../render/style.ts";
import type { Screen } from "../../render/table.ts";
import { displayWidth } from "../../render/visible_text.ts";
import { reportViews } from "../../reports/sql_views.ts";
import type { ColumnKind } from "../../reports/report.ts";

/** A column of a view. */
export interface SchemaColumn {
  readonly name: string;
  /** DuckDB's type. */
  readonly type: string;
  readonly description: string;
}

export interface SchemaView {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly SchemaColumn[];
}

/** What the kinds of values of reports are. */
const KINDS: Readonly<Record<ColumnKind, readonly [type: string, description: string]>> = {
  text: ["VARCHAR", ""],
  address: ["VARCHAR", "address"],
  port: ["USMALLINT", "port"],
  count: ["UBIGINT", "count"],
  bytes: ["HUGEINT", "bytes"],
  share: ["DOUBLE", "part of a whole, 0 to 1"],
  time: ["TIMESTAMP_NS", "point in time, UTC"],
  seconds: ["DOUBLE", "seconds"],
  packet_rate: ["DOUBLE", "packets per second"],
  bit_rate: ["DOUBLE", "bits per second"],
};

/** The views, in the order in which they are explained. */
export function schemaViews(): SchemaView[] {
  const packets = {
    name: "packets",
    description: "one row for each recorded packet that is selected",
    columns: [
      ...COLUMNS,
      { name: "sample_rate", type: "BIGINT", description: "packets that the row stands for" },
    ].map(({ name, type, description }) => ({
      name,
      type,
      description: description.replaceAll("`", ""),
    })),
  };
  const recordings = {
    name: "recordings",
    description: "one row for each file, by what it says about itself",
    columns: RECORDINGS_COLUMNS.map(({ name, type, description }) => ({ name, type, description })),
  };
  const events = {
    name: "interface_events",
    description: "one row for each thing that happened to an interface while it was recorded",
    columns: [...EVENT_COLUMNS],
  };
  const reports = reportViews().map(({ name, help, columns }) => ({
    name,
    description: `the report of stats, all rows: ${help}`,
    columns: columns.map(({ name, kind }) => {
      const [type, description] = KINDS[kind];
      return { name, type, description };
    }),
  }));
  return [packets, ...reports, recordings, events];
}

/** The schema as text for people. */
export function schemaText(
  { colour }: Screen,
  { onlyNames = false }: { readonly onlyNames?: boolean } = {},
): string {
  const views = schemaViews();
  const width = Math.max(...views.map(({ name }) => name.length));
  if (onlyNames) {
    return views.map(({ name, description }) => `${name.padEnd(width)}  ${description}\n`).join("");
  }
  const sections = views.map(({ name, description, columns }) => {
    const rows = columns.map(({ name, type, description }) => [name, type, description]);
    return `${bold(name, colour)}: ${description}\n${aligned(rows)}`;
  });
  const functions = aligned(FUNCTIONS.map(({ usage, help }) => [usage, help]));
  return [...sections, `${bold("functions", colour)}\n${functions}`].join("\n");
}

/** The schema for programs. */
export function schemaJson(): string {
  const functions = FUNCTIONS.map(({ name, usage, help }) => ({ name, usage, description: help }));
  return `${JSON.stringify({ views: schemaViews(), functions }, null, 2)}\n`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, index) => {
    return Math.max(...rows.map((row) => displayWidth(row[index]!)));
  });
  return rows.map((row) => {
    const cells = row.map((cell, index) =>
      cell.padEnd(index === row.length - 1 ? 0 : widths[index]!)
    );
    return `  ${cells.join("  ")}`.trimEnd() + "\n";
  }).join("");
}
