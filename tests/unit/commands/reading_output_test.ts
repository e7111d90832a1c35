import assert from "node:assert/strict";
import { prepareOutput } from "../../../src/commands/shared/reading_output.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

Deno.test("prepareOutput() makes a directory that its owner can use, whatever the umask", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("out.parquet");
  const own = Deno.umask(0o777);
  try {
    const output = await prepareOutput({ path, force: false, noClobber: false });
    try {
      assert.equal(Deno.statSync(output.workDirectory).mode! & 0o777, 0o700);
      assert.equal(Deno.umask(), 0o777);
      const existing = directory.file("gone/out.parquet");
      await assert.rejects(prepareOutput({ path: existing, force: false, noClobber: false }));
      assert.equal(Deno.umask(), 0o777);
    } finally {
      output.discard();
    }
    assert.deepEqual(directory.list(), []);
  } finally {
    Deno.umask(own);
  }
});
