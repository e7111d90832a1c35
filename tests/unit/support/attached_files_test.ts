import { deepEqual, equal, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import { attachFiles, checkAttached } from "../../../.ci/build/attached_files.ts";
import type { NativeFile } from "../../../ffi/bundle/native_bundle.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const RUNTIME = new Uint8Array(5000).fill(1);

function write(directory: TempDirectory, name: string, content: Uint8Array): NativeFile {
  Deno.writeFileSync(directory.file(name), content);
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { name, bytes: content.length, sha256 };
}

/** A runtime of 5000 bytes with two files behind it, and what deno compile would add. */
function program(directory: TempDirectory): { path: string; placed: NativeFile[] } {
  Deno.writeFileSync(directory.file("denort"), RUNTIME);
  const files = [
    write(directory, "a.so", new Uint8Array(4096).fill(2)),
    write(directory, "b.so", new Uint8Array(100).fill(3)),
  ];
  const path = directory.file("program");
  const placed = attachFiles(directory.file("denort"), directory.path, files, path);
  Deno.writeTextFileSync(path, "sources", { append: true });
  return { path, placed };
}

Deno.test("attachFiles() puts files behind the runtime, one behind the other", () => {
  using directory = TempDirectory.create();
  const { path, placed } = program(directory);
  deepEqual(placed.map(({ name, offset }) => [name, offset]), [["a.so", 5000], ["b.so", 9096]]);
  const content = Deno.readFileSync(path);
  deepEqual(content.subarray(0, 5000), RUNTIME);
  deepEqual(content.subarray(5000, 9096), new Uint8Array(4096).fill(2));
  deepEqual(content.subarray(9096, 9196), new Uint8Array(100).fill(3));
  equal(new TextDecoder().decode(content.subarray(9196)), "sources");
  deepEqual(Deno.readFileSync(directory.file("denort")), RUNTIME);
});

Deno.test("checkAttached() is content when all is in its place", () => {
  using directory = TempDirectory.create();
  const { path, placed } = program(directory);
  checkAttached(path, placed);
  // What was not attached has no place.
  const { offset: _, ...included } = placed[0]!;
  checkAttached(path, [{ ...included, name: "c.so", sha256: "of another" }]);
});

Deno.test("checkAttached() fails when what was attached has moved or is missing", () => {
  using directory = TempDirectory.create();
  const { path, placed } = program(directory);
  const [a, b] = placed;
  const message = `Cannot find "b.so" in "${path}": Deno has moved what was attached`;
  throws(() => checkAttached(path, [a!, { ...b!, offset: b!.offset! + 1 }]), { message });
  Deno.truncateSync(path, 9100);
  throws(() => checkAttached(path, placed), { message });
});
