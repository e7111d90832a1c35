/**
 * Counts rows and bytes by attachment, as they come.
 *
 * @module
 */
import type { ColumnBatch } from "../../batch/column_batch.ts";
import type { RowCounts } from "../../contract/row_counts.ts";
import { isUniform } from "./staged_column.ts";

/** Attachments have eight bits. */
const ATTACHMENTS = 256;

/** Rows since the last {@linkcode RowTally.take}. */
export class RowTally {
  readonly #rows = new Float64Array(ATTACHMENTS);
  readonly #bytes = new Float64Array(ATTACHMENTS);

  add({ attachment, packetLength }: ColumnBatch, first: number, rows: number): void {
    const end = first + rows;
    if (isUniform(attachment, first, rows)) {
      let sum = 0;
      for (let row = first; row < end; row++) sum += packetLength[row]!;
      this.#rows[attachment[first]!]! += rows;
      this.#bytes[attachment[first]!]! += sum;
      return;
    }
    for (let row = first; row < end; row++) {
      const number = attachment[row]!;
      this.#rows[number]! += 1;
      this.#bytes[number]! += packetLength[row]!;
    }
  }

  get counts(): RowCounts {
    const last = this.#rows.findLastIndex((rows) => rows > 0);
    return Array.from(
      { length: last + 1 },
      (_, index) => [this.#rows[index]!, this.#bytes[index]!],
    );
  }

  clear(): void {
    this.#rows.fill(0);
    this.#bytes.fill(0);
  }
}
