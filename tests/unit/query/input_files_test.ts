import assert from "node:assert/strict";
import { basename } from "node:path";
import { RunError } from "../../../src/core/errors.ts";
import { expandNames } from "../../../src/query/input_files.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** A directory with empty files of these names. */
function directoryOf(...names: string[]): TempDirectory {
  const directory = TempDirectory.create();
  for (const name of names) Deno.writeTextFileSync(directory.file(name), "");
  return directory;
}

function expandedNames(...names: string[]): string[] {
  return expandNames(names).map(({ path }) => basename(path));
}

Deno.test("expandNames() takes the .parquet files of a directory, sorted, hidden ones not", () => {
  using directory = directoryOf("b.parquet", "a.parquet", ".open.parquet", "c.txt");
  Deno.mkdirSync(directory.file("d.parquet"));
  assert.deepEqual(expandedNames(directory.path), ["a.parquet", "b.parquet"]);
});

Deno.test("expandNames() expands a pattern", () => {
  using directory = directoryOf("a1.parquet", "a2.parquet", "b1.parquet");
  assert.deepEqual(expandedNames(directory.file("a*.parquet")), ["a1.parquet", "a2.parquet"]);
});

Deno.test("expandNames() prefers an existing file to its meaning as a pattern", () => {
  using directory = directoryOf("a*.parquet", "ab.parquet", "[x].parquet", "x.parquet");
  assert.deepEqual(expandedNames(directory.file("a*.parquet")), ["a*.parquet"]);
  assert.deepEqual(expandedNames(directory.file("[x].parquet")), ["[x].parquet"]);
});

Deno.test("expandNames() lists a file once that is reached by several ways", () => {
  using directory = directoryOf("a.parquet");
  Deno.symlinkSync("a.parquet", directory.file("latest.parquet"));
  const names = [directory.path, directory.file("a.parquet"), directory.file("*.parquet")];
  assert.deepEqual(expandedNames(...names), ["a.parquet"]);
});

Deno.test("expandNames() names what does not exist, and the next step", () => {
  const hints = {
    "traffic.parquet": /sudo xdp-inspector record/,
    "none.parquet": /Check the name/,
  };
  using directory = TempDirectory.create();
  const before = Deno.cwd();
  Deno.chdir(directory.path);
  try {
    for (const [name, hint] of Object.entries(hints)) {
      assert.throws(() => expandNames([name]), (error) => {
        assert.ok(error instanceof RunError);
        assert.equal(error.message, `Cannot read "${name}": no such file`);
        assert.match(error.hint!, hint);
        return true;
      });
    }
  } finally {
    Deno.chdir(before);
  }
});

Deno.test("expandNames() treats addresses of other file systems as local paths", () => {
  for (
    const name of [
      "s3://bucket/a.parquet",
      "http://127.0.0.1/a.parquet",
      "https://127.0.0.1:1/a.parquet",
      "file:///etc/passwd",
      "~/a.parquet",
      "a.parquet'; DROP TABLE packets; --",
      "x".repeat(300),
      "a\nb.parquet",
      "a.parquet/below",
      "./-",
    ]
  ) {
    assert.throws(() => expandNames([name]), {
      name: "RunError",
      message: `Cannot read "${name}": no such file`,
    });
  }
});

Deno.test("expandNames() refuses an empty name, an empty directory and a pattern without match", () => {
  using directory = TempDirectory.create();
  const pattern = directory.file("*.parquet");
  assert.throws(() => expandNames([""]), { message: 'Cannot read "": the file name is empty' });
  assert.throws(() => expandNames([directory.path]), {
    message: `Cannot read "${directory.path}": the directory has no .parquet file`,
  });
  assert.throws(() => expandNames([pattern]), {
    message: `Cannot read "${pattern}": no file matches the pattern`,
  });
});

Deno.test("expandNames() leaves it to the reader what a loop of links is that it finds", () => {
  using directory = TempDirectory.create();
  const loop = directory.file("loop.parquet");
  Deno.symlinkSync(loop, loop);
  Deno.writeTextFileSync(directory.file("a.parquet"), "");
  for (const name of [directory.path, directory.file("*")]) {
    assert.deepEqual(expandNames([name]).map(({ path }) => path), [
      directory.file("a.parquet"),
      loop,
    ]);
  }
});

Deno.test("expandNames() takes - for standard input, once", () => {
  const [input, ...more] = expandNames(["-", "-"]);
  assert.deepEqual(more, []);
  assert.equal(input?.isStandardInput, true);
  assert.equal(input?.label, "standard input");
});
