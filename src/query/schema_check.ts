/**
 * Compares the columns of a file with the contract in `src/contract/columns.ts`.
 *
 * @module
 */
import { COLUMNS, SCHEMA_VERSION } from "../contract/columns.ts";
import { RunError } from "../core/errors.ts";
import { DAMAGED_HINT } from "./input_hints.ts";
import type { Row } from "./session.ts";

const NOT_OURS_HINT = "Name a file that `xdp-inspector record` has written";

/** What pages, dictionaries and statistics take beside the values, many times over. */
const MAX_EXCESS_BYTES = 2 ** 20;

/** Top-level columns of a file: name to DuckDB type. */
export type FileColumns = ReadonlyMap<string, string>;

/**
 * The top-level columns out of the rows of `parquet_schema()`, which lists the schema tree depth
 * first with its root: a struct's fields follow the struct.
 *
 * @param rows name, DuckDB type, number of children (null for a leaf) of each schema element
 */
export function topLevelColumns(rows: readonly Row[]): FileColumns {
  const columns = new Map<string, string>();
  let index = 1; // the root
  while (index < rows.length) {
    const [name, type, children] = rows[index]!;
    columns.set(String(name), Number(children ?? 0) > 0 ? "a nested type" : String(type));
    index = skipElement(rows, index);
  }
  return columns;
}

/**
 * Makes sure that a file follows a schema version that this program knows and has every column of
 * it with the right type. More columns are fine.
 *
 * @throws {RunError} naming the versions, or the missing columns and wrong types
 */
export function checkSchema(label: string, version: string | null, columns: FileColumns): void {
  if (version !== null) checkVersion(label, version);
  const missing = COLUMNS.filter(({ name }) => !columns.has(name));
  const wrong = COLUMNS.filter(({ name, type }) => columns.has(name) && columns.get(name) !== type);
  if (missing.length === 0 && wrong.length === 0) return;
  const faults = [
    ...(missing.length > 0 ? [`missing ${quoteList(missing.map(({ name }) => name))}`] : []),
    ...wrong.map(({ name, type }) => `"${name}" is ${columns.get(name)}, not ${type}`),
  ];
  throw new RunError(
    `Cannot read "${label}": its columns are not a recording's: ${faults.join("; ")}`,
    { hint: NOT_OURS_HINT },
  );
}

/**
 * Makes sure that the name of each column means one column. SQL does not tell upper from lower case, so
 * that of two such columns the wrong one may be counted.
 *
 * @throws {RunError} naming the columns
 */
export function checkNames(label: string, names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const other = seen.get(name.toLowerCase());
    if (other === undefined) {
      seen.set(name.toLowerCase(), name);
      continue;
    }
    const what = other === name ? `column "${name}" twice` : `columns "${other}" and "${name}"`;
    throw new RunError(
      `Cannot read "${label}": its columns are not a recording's: it has ${what}`,
      {
        hint: NOT_OURS_HINT,
      },
    );
  }
}

/**
 * Makes sure that no column that is read has values of a size that no recording has.
 *
 * @param columns name, and bytes beyond what its values may take (`FooterOutline.excess`)
 * @throws {RunError} naming the column
 */
export function checkWidths(
  label: string,
  columns: readonly (readonly [name: string, bytes: number])[],
): void {
  const known = new Set<string>(COLUMNS.map(({ name }) => name));
  const wide = columns.find(([name, bytes]) => known.has(name) && bytes > MAX_EXCESS_BYTES);
  if (wide === undefined) return;
  throw new RunError(
    `Cannot read "${label}": the values of its column "${wide[0]}" are too long for a recording`,
    { hint: NOT_OURS_HINT },
  );
}

function checkVersion(label: string, version: string): void {
  const number = /^[1-9]\d{0,8}$/.test(version) ? Number(version) : null;
  if (number === null) {
    throw new RunError(
      `Cannot read "${label}": its schema version "${version}" is not a version number`,
      { hint: DAMAGED_HINT },
    );
  }
  if (number <= SCHEMA_VERSION) return;
  throw new RunError(
    `Cannot read "${label}": its schema version is ${number}, ` +
      `this program reads versions up to ${SCHEMA_VERSION}`,
    { hint: "Read it with the release of xdp-inspector that wrote it, or a newer one" },
  );
}

function quoteList(names: readonly string[]): string {
  return `column${names.length > 1 ? "s" : ""} ${names.map((name) => `"${name}"`).join(", ")}`;
}

/** Index of the next element on the same level. */
function skipElement(rows: readonly Row[], index: number): number {
  let open = 1;
  while (open > 0 && index < rows.length) {
    open += Number(rows[index]![2] ?? 0) - 1;
    index++;
  }
  return index;
}
