import assert from "node:assert/strict";
import { expandGlob, hasGlob, matchesComponent } from "../../../src/query/glob.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

Deno.test("matchesComponent() follows shell rules", () => {
  const cases: [string, string, boolean][] = [
    ["a.parquet", "*.parquet", true],
    ["a.parquet", "?.parquet", true],
    ["ab.parquet", "?.parquet", false],
    ["b", "[a-c]", true],
    ["d", "[a-c]", false],
    ["d", "[!a-c]", true],
    ["]", "[]]", true],
    ["[x", "[x", true],
    ["a", "[z-a]", false],
    ["[z-a]", "[z-a]", true],
    [".hidden", "*", false],
    [".hidden", ".*", true],
    ["a.b", "a?b", true],
    ["axb", "a.b", false],
    ["a\nb", "a*b", true],
    ["a+(b)|$", "a+(b)|$", true],
    ["é漢😀", "???", true],
  ];
  for (const [name, pattern, expected] of cases) {
    assert.equal(matchesComponent(name, pattern), expected, `${name} ${pattern}`);
  }
});

Deno.test("hasGlob() sees *, ? and [ only", () => {
  assert.deepEqual(["*", "?", "[", "]", "{a,b}", "a"].map(hasGlob), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("expandGlob() finds paths through directories, sorted and once each", () => {
  using directory = TempDirectory.create();
  for (const name of ["b/x/2.parquet", "b/1.parquet", "a/3.parquet", "a/4.txt", ".c/5.parquet"]) {
    const path = directory.file(name);
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, "");
  }
  const found = (pattern: string) =>
    expandGlob(directory.file(pattern)).map((path) => path.slice(directory.path.length + 1));
  assert.deepEqual(found("*/*.parquet"), ["a/3.parquet", "b/1.parquet"]);
  assert.deepEqual(found("**/*.parquet"), ["a/3.parquet", "b/1.parquet", "b/x/2.parquet"]);
  assert.deepEqual(found("**/**/2.parquet"), ["b/x/2.parquet"]);
  assert.deepEqual(found("[ab]/[0-9].*"), ["a/3.parquet", "a/4.txt", "b/1.parquet"]);
  assert.deepEqual(found("none/*"), []);
});
