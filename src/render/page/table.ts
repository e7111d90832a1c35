/**
 * The table of a report on a page: what people read, and beside it what programs get, which it is sorted
 * and copied by.
 *
 * @module
 */
import type { ResultRows } from "../../query/result_rows.ts";
import type { Row, Value } from "../../query/session.ts";
import type { Section } from "../../reports/answer.ts";
import type { ReportColumn, TableCell, TableReport } from "../../reports/report.ts";
import { rowsLine } from "../footer.ts";
import { machineValue } from "../machine_value.ts";
import { resultColumns, resultRowsLine } from "../result_columns.ts";
import { formatEndpoint, tableColumns } from "../table_columns.ts";
import { type Markup, markup, type Part } from "./markup.ts";

/** What stands around the rows. */
export interface TableTexts {
  /** Names the table for those who do not see where it stands. */
  readonly label: string;
  /** The command that prints the same. */
  readonly command?: string;
}

/** A heading. */
export interface Heading {
  readonly text: string;
  /** What programs call the column. */
  readonly column: string;
  readonly isNumber: boolean;
}

/** A table that sorts and copies, and can be scrolled where it is too wide. */
export async function* framedTable(
  { label, headings }: { readonly label: string; readonly headings: readonly Heading[] },
  rows: AsyncIterable<Markup> | Iterable<Markup>,
  below: () => Part,
): AsyncGenerator<Markup> {
  const cells = headings.map(({ text, column, isNumber }) => {
    const kind = isNumber ? "number" : "text";
    return markup`<th scope="col" class="${kind}" data-column="${column}">${text}</th>`;
  });
  yield markup`<div class="scroll" role="region" tabindex="0" aria-label="${label}, table">
<table class="sortable">
<caption class="unseen">${label}</caption>
<thead><tr>${cells}</tr></thead>
<tbody>
`;
  yield* rows;
  yield markup`</tbody>
</table>
</div>
<p class="below"><span>${below()}</span></p>
`;
}

/** The table of a section, as its rows come. */
export async function* tableMarkup(
  { report, batches, tally }: Pick<Section, "batches" | "tally"> & {
    readonly report: Pick<TableReport, "columns" | "cells" | "sorts">;
  },
  { label, command }: TableTexts,
): AsyncGenerator<Markup> {
  const columns = tableColumns(report);
  const headings = report.cells.map((cell, index) => ({
    text: cell.heading,
    column: contractName(cell),
    isNumber: columns[index]!.align === "right",
  }));
  const source = command === undefined ? null : markup` &middot; <code>${command}</code>`;
  yield* framedTable(
    { label, headings },
    written(batches, rowWriter(report)),
    () => [rowsLine(tally.shown, tally.found).text, source],
  );
}

/** The answer to a user's own query. */
export async function* resultMarkup(
  { columns, batches, tally }: Pick<ResultRows, "columns" | "batches" | "tally">,
): AsyncGenerator<Markup> {
  const shown = resultColumns(columns);
  const headings = columns.map(({ name, kind }) => ({
    text: name,
    column: name,
    isNumber: kind === "count",
  }));
  const write = (row: Row) => {
    const cells = shown.map(({ cell }, index) => {
      const data = row[index] === null ? markup` data-value=""` : null;
      const kind = headings[index]!.isNumber ? markup` class="number"` : null;
      return markup`<td${kind}${data}>${cell(row)}</td>`;
    });
    return markup`<tr>${cells}</tr>\n`;
  };
  yield* framedTable(
    { label: "Answer", headings },
    written(batches, write),
    () => resultRowsLine(tally).text,
  );
}

async function* written(
  batches: AsyncIterable<readonly Row[]>,
  write: (row: Row) => Markup,
): AsyncGenerator<Markup> {
  for await (const batch of batches) yield markup`${batch.map(write)}`;
}

function contractName({ column, port }: TableCell): string {
  return port === undefined ? column : `${column}:${port}`;
}

/** Writes rows. The first one that comes has the longest bar where the report sorts by an amount. */
function rowWriter(
  report: Pick<TableReport, "columns" | "cells" | "sorts">,
): (row: Row) => Markup {
  const { columns: all, cells, sorts } = report;
  const columns = tableColumns(report);
  const indexOf = (name: string | undefined) => all.findIndex((column) => column.name === name);
  const places = cells.map(({ column, port }) => {
    const index = indexOf(column);
    const isSortedBy = column === sorts[0] && all[index]!.kind !== "time";
    return { index, port: indexOf(port), isSortedBy, column: all[index]! };
  });
  let most: number | null = null;
  return (row) => {
    const written = places.map(({ index, port, isSortedBy, column }, at) => {
      const value = row[index] ?? null;
      const shown = columns[at]!.cell(row);
      const raw = port < 0 ? rawText(column, value) : endpointText(value, row[port] ?? null);
      const data = raw === shown ? null : markup` data-value="${raw}"`;
      if (at === 0 && columns[at]!.align === "left") {
        return markup`<th scope="row"${data}>${shown}</th>`;
      }
      if (columns[at]!.align === "left") return markup`<td${data}>${shown}</td>`;
      if (isSortedBy) most ??= Number(value);
      const bar = column.kind === "share"
        ? shareBar(Number(value))
        : isSortedBy && most !== null
        ? shareBar(Number(value) / most)
        : null;
      return markup`<td class="number"${data}>${shown}${bar}</td>`;
    });
    return markup`<tr>${written}</tr>\n`;
  };
}

/** What JSON says; nothing for NULL. */
function rawText(column: ReportColumn, value: Value): string {
  return value === null ? "" : String(machineValue(column, value));
}

function endpointText(address: Value, port: Value): string {
  return address === null ? "" : formatEndpoint(address, port);
}

/** A bar behind a number that says the same. */
function shareBar(share: number): Part {
  const part = Number.isFinite(share) ? Math.min(Math.max(share, 0), 1) : 0;
  const width = Math.round(part * 1000) / 10;
  return markup`<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="1"/></svg>`;
}
