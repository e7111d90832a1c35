import assert from "node:assert/strict";
import { BATCH_BYTES, createBatch } from "../../../../src/batch/column_batch.ts";
import { RowTally } from "../../../../src/sinks/segments/row_tally.ts";

/** A batch with a row for each of these attachments and lengths. */
function batchOf(...rows: readonly (readonly [attachment: number, bytes: number])[]) {
  const batch = createBatch(new ArrayBuffer(BATCH_BYTES));
  rows.forEach(([attachment, bytes], row) => {
    batch.attachment[row] = attachment;
    batch.packetLength[row] = bytes;
  });
  return batch;
}

Deno.test("RowTally counts rows and bytes by their attachment, whether there is one or several", () => {
  const tally = new RowTally();
  assert.deepEqual(tally.counts, []);
  const mixed = batchOf([9, 9], [0, 60], [2, 1500], [0, 40], [2, 4_294_967_295], [9, 9]);
  tally.add(mixed, 1, 4);
  assert.deepEqual(tally.counts, [[2, 100], [0, 0], [2, 4_294_968_795]]);
  tally.add(batchOf([2, 10], [2, 20], [2, 30]), 0, 3);
  tally.add(batchOf([255, 7]), 0, 1);
  const { counts } = tally;
  assert.equal(counts.length, 256);
  assert.deepEqual([counts[0], counts[2], counts[255]], [[2, 100], [5, 4_294_968_855], [1, 7]]);
  tally.clear();
  assert.deepEqual(tally.counts, []);
  tally.add(mixed, 1, 1);
  assert.deepEqual(tally.counts, [[1, 60]]);
});
