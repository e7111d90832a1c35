import assert from "node:assert/strict";
import { join } from "node:path";
import { Directory, ERRNO, SystemError } from "../../../../ffi/mod.ts";
import { moveNoReplace } from "../../../../src/sinks/output/no_replace.ts";
import { resolvePath } from "../../../../src/sinks/output/output_target.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";

function open(path: string): Directory {
  return resolvePath(path, { say: (reason) => new Error(reason) as never, onLink: () => {} })
    .directory;
}

/** A directory in a file system that cannot move a file without replacing another. */
function limited(directory: Directory, errno: number) {
  return {
    moveWithoutReplacing: () => {
      throw new SystemError("rename a file", errno);
    },
    link: directory.link.bind(directory),
    removeFile: directory.removeFile.bind(directory),
  };
}

Deno.test("moveNoReplace() makes a second name where a file cannot be moved without replacing", () => {
  using temporary = TempDirectory.create();
  using directory = open(temporary.path);
  for (const errno of [ERRNO.EINVAL, ERRNO.ENOSYS, ERRNO.EOPNOTSUPP]) {
    Deno.writeTextFileSync(join(temporary.path, "from"), "new");
    moveNoReplace(limited(directory, errno), "from", directory, `to-${errno}`);
    assert.deepEqual(directory.names().includes("from"), false);
    assert.equal(Deno.readTextFileSync(join(temporary.path, `to-${errno}`)), "new");
  }
});

Deno.test("moveNoReplace() replaces nothing, either way", () => {
  using temporary = TempDirectory.create();
  using directory = open(temporary.path);
  Deno.writeTextFileSync(join(temporary.path, "from"), "new");
  Deno.writeTextFileSync(join(temporary.path, "to"), "old");
  for (const source of [directory, limited(directory, ERRNO.EINVAL)]) {
    assert.throws(() => moveNoReplace(source, "from", directory, "to"), { errno: ERRNO.EEXIST });
  }
  assert.equal(Deno.readTextFileSync(join(temporary.path, "to")), "old");
  assert.throws(() => moveNoReplace(limited(directory, ERRNO.ENOSPC), "from", directory, "x"), {
    errno: ERRNO.ENOSPC,
  });
  assert.deepEqual(directory.names().sort(), ["from", "to"]);
});
