/**
 * What is wrong with a user's own SQL.
 *
 * @module
 */
import { InspectorError, RunError } from "../core/errors.ts";
import { PROGRAM_NAME } from "../core/version.ts";

/** What to do about a statement that the restricted session refuses. */
export const UNRESTRICTED_HINT =
  "Name your own files with --table name=file, or allow everything with --unrestricted";

/** DuckDB's refusals of what is locked. */
const REFUSALS =
  /operations are disabled by configuration|configuration has been locked|disabled through configuration|has been disabled|not allowed|extension .*(?:autoload|not (?:be )?(?:load|found))/i;

/**
 * DuckDB's error in its own words, with the place that it points at; those of its refusals in ours.
 *
 * @param labels names of the files as the user knows them, by what DuckDB calls them
 */
export function sqlError(cause: unknown, labels: ReadonlyMap<string, string>): Error {
  // The answer was called off, or nobody reads it.
  if (cause instanceof InspectorError || !(cause instanceof Error)) return asError(cause);
  if (cause.constructor !== Error) return cause;
  const text = cause.message.replace(
    /\/proc\/self\/fd\/\d+/g,
    (path) => labels.get(path) ?? path,
  );
  const [detail = text, ...rest] = text.split("\n");
  if (detail.startsWith("Out of Memory Error")) {
    return new RunError("Cannot run the query: memory and temporary disk space do not suffice", {
      cause,
      hint: "Free memory, point TMPDIR to a larger disk, or ask for less",
    });
  }
  if (
    /^(Permission|Missing Extension|Invalid Configuration|Not implemented) /i.test(detail) &&
    REFUSALS.test(detail)
  ) {
    return new RunError(`Cannot run the query: it reaches out of the recordings: ${detail}`, {
      cause,
      hint: UNRESTRICTED_HINT,
    });
  }
  // Statements are taken apart before: only those that DuckDB makes several of are left.
  if (/Cannot prepare multiple statements/.test(detail)) {
    return new RunError("Cannot run the query: a PIVOT must name the values that become columns", {
      cause,
      hint:
        `Write them behind IN, as in "PIVOT flows ON protocol IN ('TCP', 'UDP') USING sum(packet_count)"`,
    });
  }
  const details = rest.join("\n").replace(/^\n+|\s+$/g, "");
  return new RunError(`Cannot run the query: ${detail}`, {
    cause,
    hint: hintFor(detail),
    ...(details !== "" && { details }),
  });
}

/** The next step, by the kind of error that DuckDB's message begins with. */
function hintFor(detail: string): string {
  const [, kind] = /^([A-Z]\w*(?: [A-Z]\w*)*) Error\b/.exec(detail) ?? [];
  switch (kind) {
    case "Parser":
      return `Write SQL as DuckDB knows it, as in "SELECT count(*) FROM packets"`;
    case "Catalog":
    case "Binder":
      return `See which tables, columns and functions there are: "${PROGRAM_NAME} schema"`;
    case "Conversion":
    case "Out of Range":
      return "Convert with TRY_CAST, which makes NULL of what cannot be converted";
    default:
      return `"${PROGRAM_NAME} schema" lists functions of ours; for those of DuckDB: https://duckdb.org/docs`;
  }
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
