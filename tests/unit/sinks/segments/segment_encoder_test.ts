import assert from "node:assert/strict";
import { join } from "node:path";
import { DuckdbEngine } from "../../../../ffi/mod.ts";
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

Deno.test("ParquetWriter.write() says in words why DuckDB cannot write, and leaves nothing", async () => {
  const told: readonly (readonly [reason: string, message: string, hint: string | undefined])[] = [
    [
      'IO Error: Could not write file "/x/a.parquet": No space left on device',
      "no space left on device",
      "Free space there, or choose another place with --output",
    ],
    [
      "IO Error: Cannot open: File too large",
      "file too large",
      "Raise the limit of the size of files (ulimit -f)",
    ],
    [
      "Permission Error: it is closed to you",
      "it is closed to you",
      "Choose another place with --output",
    ],
    [
      "Out of Memory Error: could not allocate block",
      "not enough memory",
      "Free memory, or end other programs",
    ],
    ["INTERNAL Error: a defect", "INTERNAL Error: a defect", undefined],
  ];
  using own = TempDirectory.create();
  const table = new StagingTable(100, ATTACHMENTS);
  for (const { batch, rows } of batchesOf([PACKETS.tcp4])) table.append(batch, 0, rows);
  using writer = await ParquetWriter.create(own.path);
  const path = own.file("a.parquet");
  const { run } = DuckdbEngine.prototype;
  for (const [reason, message, hint] of told) {
    DuckdbEngine.prototype.run = () => {
      Deno.writeTextFileSync(`${path}.unfinished`, "PAR1");
      throw new Error(reason);
    };
    try {
      assert.throws(() => writer.write(table, path), (error: Error & { hint?: string }) => {
        assert.equal(error.message, `Cannot write "${path}": ${message}`);
        assert.equal(error.hint, hint);
        // A defect is told from what the user can act on.
        assert.equal(error instanceof RunError, !message.includes("INTERNAL"));
        return true;
      });
    } finally {
      DuckdbEngine.prototype.run = run;
    }
    assert.deepEqual(own.list(), []);
  }
  writer.write(table, path);
  assert.deepEqual(own.list(), ["a.parquet"]);
});
