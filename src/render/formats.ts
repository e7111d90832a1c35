/**
 * The output formats, the same for every report. Command line, help, completions, manual page and
 * REFERENCE.md follow from this list.
 *
 * @module
 */
import { ARROW } from "./arrow.ts";
import { CSV } from "./csv.ts";
import type { Format } from "./format.ts";
import { HTML } from "./html.ts";
import { JSON_TEXT } from "./json.ts";
import { MARKDOWN } from "./markdown.ts";
import { NDJSON } from "./ndjson.ts";
import { PARQUET } from "./parquet.ts";
import { TABLE } from "./table_format.ts";

/** All formats, in the order of the help; the first is the default. */
export const FORMATS: readonly Format[] = [
  TABLE,
  JSON_TEXT,
  NDJSON,
  CSV,
  MARKDOWN,
  HTML,
  PARQUET,
  ARROW,
];

/** The format of this name. */
export function findFormat(name: string, formats: readonly Format[] = FORMATS): Format {
  const format = formats.find((one) => one.name === name);
  if (format === undefined) throw new TypeError(`no format is named "${name}"`);
  return format;
}
