/**
 * The texts that a recording can have in its columns. A file may come from anywhere: a text of a
 * gigabyte, a formula for a spreadsheet or letters that write to the left are replaced by `invalid`
 * before anything is grouped, so that memory and output are bounded by the schema.
 *
 * What a check costs is what decides how it is written. DuckDB computes a function of one column once
 * for each entry of a dictionary, and its result still has a dictionary, which grouping takes advantage
 * of: so are columns of few values checked. Addresses may have none: of them only the length is
 * checked before they are grouped, and the letters when they are printed.
 *
 * @module
 */
import { MAX_INTERFACE_NAME_BYTES } from "../contract/attachment.ts";
import type { ColumnName } from "../contract/columns.ts";
import { ADDRESS_BYTES, INVALID_TEXT, printedAddress } from "../contract/printed_text.ts";

export { INVALID_TEXT, printedAddress };

const MAC_BYTES = 17;

/** Names of protocols are IANA's, `ETH-0x0800` or `IP-253`. */
const PROTOCOL = "[A-Za-z0-9.+/_-]{1,32}";
/**
 * `dev_valid_name()` of net/core/dev.c forbids slashes, colons and space. Nor does a name begin a
 * formula, stand on other letters, or write to the left. Linux' names are shorter (IFNAMSIZ), those in
 * packet files of other systems are not.
 */
const NAME_LETTER = String.raw`[^/:\s\pC\pZ\pM\p{Arabic}\p{Hebrew}]`;
const INTERFACE = String.raw`[^=+@/:\s\pC\pZ\pM\p{Arabic}\p{Hebrew}-]${NAME_LETTER}*`;

const CHECKS: Partial<Readonly<Record<ColumnName, (column: string) => string>>> = {
  direction: (column) => matching(column, "ingress|egress"),
  // A number of such letters in the expression would take DuckDB 30 ms to prepare.
  interface: (column) => matching(shorter(column, MAX_INTERFACE_NAME_BYTES), INTERFACE),
  protocol: (column) => matching(column, PROTOCOL),
};

/** Columns of which only the length is checked, and how many bytes their texts have at most. */
export const MAX_TEXT_BYTES: ReadonlyMap<ColumnName, number> = new Map([
  ["source_ip", ADDRESS_BYTES],
  ["destination_ip", ADDRESS_BYTES],
  ["source_mac", MAC_BYTES],
  ["destination_mac", MAC_BYTES],
]);

/**
 * SQL for the value of a column, or `invalid` in the place of what it cannot hold.
 *
 * @param isShort whether no text of the column is longer than {@linkcode MAX_TEXT_BYTES}
 */
export function checkedColumn(name: ColumnName, isShort = false): string {
  const bytes = MAX_TEXT_BYTES.get(name);
  if (bytes !== undefined) return isShort ? name : `${shorter(name, bytes)} AS ${name}`;
  const check = CHECKS[name];
  return check === undefined ? name : `${check(name)} AS ${name}`;
}

/** NULL stays NULL. */
function matching(column: string, pattern: string): string {
  const found = `regexp_extract(${column}, '\\A(?:${pattern})\\z')`;
  return `regexp_replace(${found}, '\\A\\z', '${INVALID_TEXT}')`;
}

/** The value stays what it is, with its dictionary, where no row of 2,048 is bad. */
function shorter(column: string, bytes: number): string {
  return `CASE WHEN strlen(${column}) > ${bytes} THEN '${INVALID_TEXT}' ELSE ${column} END`;
}
