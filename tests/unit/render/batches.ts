/**
 * Rows as a renderer gets them.
 *
 * @module
 */
import type { Row } from "../../../src/query/session.ts";

/** Each argument is one batch. */
export async function* batches(...rows: Row[][]): AsyncGenerator<Row[]> {
  yield* await Promise.resolve(rows);
}

/** All text of a renderer. */
export async function collect(text: AsyncIterable<string>): Promise<string> {
  return (await Array.fromAsync(text)).join("");
}
