/**
 * What can be written behind the name of a report: the flags that only some reports have, how their
 * values fit the report that was named, and what help says of it.
 *
 * @module
 */
import { UsageError } from "../core/errors.ts";
import { InvalidValue } from "../core/invalid_value.ts";
import { nearNames, suggestion } from "../core/near_names.ts";
import {
  type Choices,
  type ChosenGrouping,
  defaultChoices,
  type Grouping,
  type Order,
  type Report,
  type ReportFlag,
  tableOf,
  type TableReport,
} from "../reports/report.ts";
import type { WordDetails } from "./command.ts";
import { type Flag, listChoices, optionalFlag } from "./flag.ts";

/** Values as they were written; null = the flag was not given. */
export interface WrittenChoices {
  readonly by: string | null;
  readonly sort: string | null;
  /** Values of flags of single reports that were given, by their long spelling. */
  readonly flags: ReadonlyMap<string, unknown>;
}

/** `--by`: what rows are grouped by, as written; null = not given. */
export function byFlag(reports: readonly Report[]): Flag<string | null> {
  return optionalFlag({
    long: "--by",
    valueName: "<key>",
    completes: "choice",
    choices: unique(reports.flatMap(groupings).map(({ name }) => name)),
    defaultText: "per report",
    help: "what a row is about, for reports that have a choice",
    parse: (text) => text,
  });
}

/** `--sort`: the column that rows are sorted by, as written; null = not given. */
export function sortFlag(reports: readonly Report[]): Flag<string | null> {
  return optionalFlag({
    long: "--sort",
    valueName: "<column>",
    completes: "choice",
    choices: unique(tables(reports).flatMap(({ columns }) => columns.map(({ name }) => name))),
    defaultText: "per report",
    help: "column to sort by, the largest first; -column or column/asc: the smallest first",
    parse: (text) => text,
  });
}

/** Flags of single reports, each once, by their long spelling. */
export function reportFlags(reports: readonly Report[]): Record<string, Flag<unknown>> {
  const flags = unique(tables(reports).flatMap(({ flags = [] }) => flags));
  return Object.fromEntries(flags.map((flag) => {
    const owners = tables(reports).filter((report) => hasFlag(report, flag.long));
    const names = owners.map(({ name }) => name).join(", ");
    return [
      flag.long,
      optionalFlag({
        ...flag,
        ...(flag.choices !== undefined && { completes: "choice" }),
        help: `${flag.help} (${names})`,
      }),
    ];
  }));
}

/**
 * Checks what was written against the report that was named.
 *
 * @throws {UsageError} The report does not have it; says which do, or what it has.
 */
export function reportChoices(
  report: Report,
  { by, sort, flags }: WrittenChoices,
  reports: readonly Report[],
): Choices {
  for (const long of flags.keys()) {
    if (report.kind !== "table" || !hasFlag(report, long)) {
      throw notOf(report, long, tables(reports).filter((one) => hasFlag(one, long)));
    }
  }
  const defaults = { ...defaultChoices(report), flags };
  if (report.kind === "summary") {
    if (by !== null) {
      throw notOf(
        report,
        "--by",
        reports.filter((one) => groupings(one).length > 0),
      );
    }
    if (sort !== null) throw notOf(report, "--sort", tables(reports));
    return defaults;
  }
  if (by !== null && report.by === undefined) {
    throw notOf(report, "--by", reports.filter((one) => groupings(one).length > 0));
  }
  const grouped = by === null ? defaults : { ...defaults, by: readGrouping(report, by) };
  return sort === null ? grouped : { ...grouped, order: readOrder(report, grouped, sort) };
}

/** What help and the manual page say of a report beside its name and what it shows. */
export function reportDetails(report: Report): WordDetails {
  const { name, definitions = [] } = report;
  if (report.kind === "summary") return { word: name, choices: [], paragraphs: definitions };
  const { by, flags = [] } = report;
  const columns = report.columns.map((column) => column.name);
  return {
    word: name,
    choices: [
      ...(by === undefined ? [] : [
        { flag: "--by", values: by.groupings.map((one) => usage(one)), isDefault: by.default },
      ]),
      ...flags.map(({ long, valueName, defaultText }) => ({
        flag: long,
        values: [valueName],
        isDefault: defaultText,
      })),
      { flag: "--sort", values: columns, isDefault: report.sorts[0] ?? report.keys[0] ?? null },
    ],
    paragraphs: definitions,
    terms: (by?.groupings ?? []).map((one) => [`--by ${usage(one)}`, one.help]),
  };
}

function readGrouping(report: TableReport, text: string): ChosenGrouping {
  const slash = text.indexOf("/");
  const name = slash < 0 ? text : text.slice(0, slash);
  const all = groupings(report);
  const found = all.find((one) => one.name === name);
  if (found === undefined) {
    const names = all.map((one) => one.name);
    throw new UsageError(`Cannot use "${text}" for --by: "${report.name}" has no such key`, {
      hint: suggestion(name, names) ?? `Choose ${listChoices(all.map(usage))}`,
    });
  }
  if (slash < 0) return { name, argument: [] };
  try {
    if (found.argument === undefined) {
      throw new InvalidValue(`"${name}" takes nothing behind it`, `Write "${name}"`);
    }
    return { name, argument: found.argument.parse(text.slice(slash + 1)) };
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw new UsageError(`Cannot use "${text}" for --by: ${error.reason}`, {
      cause: error,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
  }
}

/** `total_bytes`, `total_bytes/desc`; `-total_bytes`, `total_bytes/asc`. */
function readOrder(report: TableReport, choices: Choices, text: string): Order {
  const [, turned, name, , way] = /^(-?)(.*?)(\/(asc|desc))?$/s.exec(text)!;
  const columns = tableOf(report, choices).columns.map((column) => column.name);
  if (!columns.includes(name!)) {
    throw new UsageError(
      `Cannot use "${text}" for --sort: "${report.name}" has no such column`,
      { hint: nearColumns(name!, columns) ?? `Choose ${listChoices(columns)}` },
    );
  }
  if (turned !== "" && way !== undefined) {
    throw new UsageError(`Cannot use "${text}" for --sort: it says the order twice`, {
      hint: `Write "-${name}" or "${name}/asc" for the smallest first`,
    });
  }
  return { column: name!, descending: turned === "" && way !== "asc" };
}

/** Also those of which a whole word was written: `bytes` for `total_bytes`. */
function nearColumns(name: string, columns: readonly string[]): string | undefined {
  if (nearNames(name, columns).length > 0) return suggestion(name, columns);
  const parts = columns.filter((column) => column.split("_").includes(name.toLowerCase()));
  if (parts.length === 0) return undefined;
  return `Did you mean ${listChoices(parts.slice(0, 3))}?`;
}

function notOf(report: Report, flag: string, owners: readonly Report[]): UsageError {
  const names = owners.map(({ name }) => `"${name}"`).join(", ");
  return new UsageError(`Cannot use ${flag} with the report "${report.name}"`, {
    hint: `Reports that have ${flag}: ${names}`,
  });
}

function usage({ name, argument }: Grouping): string {
  return `${name}${argument?.usage ?? ""}`;
}

function groupings(report: Report): readonly Grouping[] {
  return report.kind === "table" ? report.by?.groupings ?? [] : [];
}

function hasFlag({ flags = [] }: TableReport, long: string): boolean {
  return flags.some((flag: ReportFlag) => flag.long === long);
}

function tables(reports: readonly Report[]): TableReport[] {
  return reports.filter((report) => report.kind === "table");
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
