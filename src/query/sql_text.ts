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

/** The text as an SQL name. */
export function quoteName(name: string): string {
  if (name.includes("\0")) throw new TypeError("a NUL cannot stand in an SQL name");
  return `"${name.replaceAll('"', '""')}"`;
}

/** The condition as it stands in a query: lines of its own, so that a message about them fits. */
export function conditionSql(text: string): string {
  return `(\n${text}\n)`;
}
