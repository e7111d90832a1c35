import assert from "node:assert/strict";
import { join } from "node:path";
import { RunError } from "../../../../src/core/errors.ts";
import { ParquetWriter } from "../../../../src/sinks/segments/segment_encoder.ts";
import { StagingTable } from "../../../../src/sinks/segments/staging_table.ts";
import { ATTACHMENTS, batchesOf, PACKETS } from "../packets.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";

Deno.test("ParquetWriter.write() explains that a place is closed to it", async () => {
  using own = TempDirectory.create();
  using other = TempDirectory.create();
  const table = new StagingTable(100, ATTACHMENTS);
  for (const { batch, rows } of batchesOf([PACKETS.tcp4])) table.append(batch, 0, rows);
  using writer = await ParquetWriter.create(own.path);
  // Root may write everywhere: what refuses here is DuckDB, which was given one directory.
  const path = join(other.path, "a.parquet");
  assert.throws(() => writer.write(table, path), (error) => {
    assert.ok(error instanceof RunError, String(error));
    assert.ok(error.message.startsWith(`Cannot write "${path}": `), error.message);
    assert.match(error.message, /disabled by configuration$/);
    assert.equal(error.hint, "Choose another place with --output");
    return true;
  });
  assert.deepEqual([...Deno.readDirSync(other.path)], []);
});
