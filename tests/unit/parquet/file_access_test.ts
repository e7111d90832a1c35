import { equal } from "node:assert/strict";
import { writeHint } from "../../../src/parquet/file_access.ts";

Deno.test("writeHint() tells to free space only where there is none", () => {
  const path = "/proc/self/file";
  const place = "hoose another place with --output";
  for (const reason of ["no space left on device", "Disk quota exceeded"]) {
    equal(writeHint(reason, path), `Free space there, or c${place}`);
  }
  for (const reason of ["permission denied", "input/output error", "read-only file system"]) {
    equal(writeHint(reason, path), `C${place}`);
  }
  equal(writeHint("File too large", path), "Raise the limit of the size of files (ulimit -f)");
});
