import assert from "node:assert/strict";
import { isThere } from "../../../src/core/is_there.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

Deno.test("isThere() sees files, directories and links that lead nowhere, and nothing else", () => {
  using directory = TempDirectory.create();
  const [file, link] = [directory.file("file"), directory.file("link")];
  Deno.writeTextFileSync(file, "");
  Deno.symlinkSync(directory.file("nowhere"), link);
  for (const path of [directory.path, file, link]) assert.equal(isThere(path), true, path);
  for (const path of [directory.file("nowhere"), `${file}/below`, ""]) {
    assert.equal(isThere(path), false, path);
  }
});
