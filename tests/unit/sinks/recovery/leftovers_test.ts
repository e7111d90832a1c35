import assert from "node:assert/strict";
import { adoptLeftovers, countLeftovers } from "../../../../src/sinks/recovery/leftovers.ts";
import { openDescriptors } from "../../../support/open_descriptors.ts";
import { openedDirectory } from "../../../support/opened_directory.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";

function hidden(output: string): string {
  return `.${output}.xdp-inspector-0000000a`;
}

Deno.test("countLeftovers() counts what killed recorders have left, and takes nothing of it", () => {
  using place = TempDirectory.create();
  using parent = openedDirectory(place.path);
  assert.equal(countLeftovers(parent), 0);
  for (const name of ["a", "b", "running"]) Deno.mkdirSync(place.file(hidden(name)));
  // What is no directory, or has another name, is no recorder's.
  Deno.writeTextFileSync(place.file(hidden("file")), "");
  Deno.mkdirSync(place.file(".c.xdp-inspector-"));
  Deno.mkdirSync(place.file(".d"));
  using running = openedDirectory(place.file(hidden("running")));
  assert.ok(running.tryLock());
  const before = place.list();
  // Again: it holds no lock afterwards.
  assert.deepEqual([countLeftovers(parent), countLeftovers(parent)], [2, 2]);
  assert.deepEqual(place.list(), before);
  const names = [place.path, place.file(hidden("running"))];
  const open = openDescriptors(new RegExp(place.path)).map(({ target }) => target);
  assert.deepEqual(open.sort(), names.sort());
});

Deno.test("countLeftovers() leaves out what belongs to somebody else", {
  ignore: Deno.uid() !== 0,
}, () => {
  using place = TempDirectory.create();
  using parent = openedDirectory(place.path);
  for (const name of ["a", "b"]) Deno.mkdirSync(place.file(hidden(name)), { mode: 0o700 });
  Deno.chownSync(place.file(hidden("b")), 65_534, 65_534);
  assert.equal(countLeftovers(parent), 1);
});

Deno.test("adoptLeftovers() gives those that are asked for, in the order of their names", () => {
  using place = TempDirectory.create();
  using parent = openedDirectory(place.path);
  for (const name of ["c", "a", "b"]) Deno.mkdirSync(place.file(hidden(name)));
  // No directory: nobody's.
  Deno.writeTextFileSync(place.file(hidden("d")), "");
  const found = [];
  for (const one of adoptLeftovers(parent, (output) => output !== "b")) {
    found.push([one.name, one.output]);
    if ("directory" in one.adoption) one.adoption.directory[Symbol.dispose]();
  }
  assert.deepEqual(found, [[hidden("a"), "a"], [hidden("c"), "c"]]);
});
