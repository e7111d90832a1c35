/**
 * Text of others inside SQL. Values of queries are bound; a view has no parameters, so what it names
 * goes through here.
 *
 * @module
 */

/** The text as an SQL literal. */
export function quoteText(text: string): string {
  // DuckDB takes a statement as a C string: what follows a NUL would be cut off.
  if (text.includes("\0")) throw new TypeError("a NUL cannot stand in an SQL literal");
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * The path as a pattern that matches only itself: `read_parquet` takes every path for a pattern.
 * DuckDB splits patterns at backslashes too, so a name with both cannot be written as one
 * (`isReadablePath`).
 */
export function escapeGlob(path: string): string {
  return path.replace(/[*?[]/g, "[$&]");
}

/** Whether `escapeGlob` gives a pattern that DuckDB understands. */
export function isReadablePath(path: string): boolean {
  return !(path.includes("\\") && escapeGlob(path) !== path);
}
