/**
 * Rows of a file and what their packets weigh, for each attachment.
 *
 * @module
 */

/** Rows, and the sum of their `packet_length`. */
export type RowCount = readonly [rows: number, bytes: number];

/** By number of the attachment; nothing stands for none. */
export type RowCounts = readonly (RowCount | null | undefined)[];

/** The sum of both, by number of the attachment. */
export function addRowCounts(one: RowCounts, other: RowCounts): RowCount[] {
  return Array.from({ length: Math.max(one.length, other.length) }, (_, index) => {
    const [rows, bytes] = one[index] ?? [0, 0];
    const [moreRows, moreBytes] = other[index] ?? [0, 0];
    return [rows + moreRows, bytes + moreBytes];
  });
}

/** Reads what comes from a file; null if it is nothing of the kind. */
export function readRowCounts(value: unknown): RowCounts | null {
  if (!Array.isArray(value) || value.length > 256) return null;
  const isCount = (one: unknown) => Number.isSafeInteger(one) && Number(one) >= 0;
  const isRight = value.every((one: unknown) => {
    return one === null || (Array.isArray(one) && one.length === 2 && one.every(isCount));
  });
  return isRight ? value as RowCounts : null;
}
