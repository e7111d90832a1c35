import assert from "node:assert/strict";
import { join } from "node:path";
import { syncPath } from "../../../../src/sinks/output/sync_path.ts";
import { type SyncCall, watchSyncs } from "../../../support/sync_calls.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";

Deno.test("syncPath() brings data and attributes of a file or directory onto the disk", () => {
  using directory = TempDirectory.create();
  const file = join(directory.path, "file");
  Deno.writeTextFileSync(file, "text");
  for (const path of [file, directory.path]) {
    const calls: SyncCall[] = [];
    watchSyncs((call) => calls.push(call), () => syncPath(path));
    // fdatasync(2) is not enough: it leaves out what is not needed to find the data again.
    assert.deepEqual(calls, [{ call: "syncSync", inode: Deno.statSync(path).ino }]);
  }
});

Deno.test("syncPath() fails for a file that is not there", () => {
  using directory = TempDirectory.create();
  assert.throws(() => syncPath(join(directory.path, "gone")), {
    name: "RunError",
    message: /^Cannot bring ".*gone" onto the disk: no such file or directory$/,
  });
});
