/**
 * SQL for texts of files that are printed: what a recording cannot hold is replaced. Which texts are
 * checked before they are grouped: `src/query/vocabulary.ts`.
 *
 * @module
 */

/** Stands in a report for a text that no recording has. */
export const INVALID_TEXT = "invalid";

/** INET6_ADDRSTRLEN of <netinet/in.h>, without its NUL. */
export const ADDRESS_BYTES = 45;

/**
 * SQL for an address that is printed. Its length was checked in each packet; to look at each letter costs
 * more, and is done once for each row of a report.
 */
export function printedAddress(column: string): string {
  const isAddress = `regexp_full_match(${column}, '[0-9a-f:.]{2,${ADDRESS_BYTES}}')`;
  return `CASE WHEN NOT ${isAddress} THEN '${INVALID_TEXT}' ELSE ${column} END`;
}

/** SQL for a MAC address that is printed, likewise. */
export function printedMac(column: string): string {
  return `CASE WHEN NOT regexp_full_match(${column}, '([0-9a-f]{2}:){5}[0-9a-f]{2}')
      THEN '${INVALID_TEXT}' ELSE ${column} END`;
}
