import assert from "node:assert/strict";
import { join } from "node:path";
import { parseMemoryLimit, QuerySession } from "../../../src/query/session.ts";
import { escapeGlob, isReadablePath } from "../../../src/query/sql_text.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { writeParquet } from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

Deno.test("QuerySession opens the files it was given and nothing else", async () => {
  using session = await QuerySession.open([fixturePath("complete")]);
  const count = "SELECT count(*) FROM read_parquet($paths)";
  assert.deepEqual(await session.rows(count, { paths: [fixturePath("complete")] }), [[36n]]);
  for (
    const sql of [
      `SELECT * FROM read_parquet('${fixturePath("lossy")}')`,
      "SELECT * FROM read_text('/etc/passwd')",
      "SELECT * FROM glob('/*')",
      "COPY (SELECT 1) TO '/tmp/xdp-inspector-must-not-exist.csv'",
      "ATTACH '/tmp/xdp-inspector-must-not-exist.db'",
      "INSTALL httpfs",
      "LOAD httpfs",
      "SET enable_external_access = true",
      "SET memory_limit = '1GB'",
    ]
  ) await assert.rejects(session.rows(sql), Error, sql);
});

Deno.test("QuerySession reads exactly the file whose name looks like a pattern", async () => {
  using directory = TempDirectory.create();
  const odd = [
    "a*b.parquet",
    "[x].parquet",
    "what?.parquet",
    "a'; DROP TABLE x; --.parquet",
    "new\nline.parquet",
    "back\\slash.parquet",
    "{a,b}.parquet",
    "**.parquet",
    '"quoted".parquet',
    "-.parquet",
    "😀.parquet",
    "a]b[.parquet",
    "direction=egress.parquet",
  ];
  // What the names would match as patterns.
  const decoys = ["axb.parquet", "x.parquet", "whatx.parquet", "aab.parquet"];
  await writeParquet(directory.file("good.parquet"), "SELECT 1 AS marker");
  await writeParquet(directory.file("decoy.parquet"), "SELECT 2 AS marker");
  for (const name of odd) Deno.copyFileSync(directory.file("good.parquet"), directory.file(name));
  for (const name of decoys) {
    Deno.copyFileSync(directory.file("decoy.parquet"), directory.file(name));
  }
  using session = await QuerySession.open(odd.map((name) => directory.file(name)));
  for (const name of odd) {
    const paths = [escapeGlob(directory.file(name))];
    const rows = await session.rows("SELECT marker FROM read_parquet($paths)", { paths });
    assert.deepEqual(rows, [[1]], name);
  }
});

Deno.test("isReadablePath() excludes names that cannot be written as a pattern", () => {
  assert.equal(isReadablePath(join("/a", "b*c")), true);
  assert.equal(isReadablePath("/a\\b"), true);
  assert.equal(isReadablePath("/a\\b*"), false);
});

Deno.test("QuerySession keeps every digit of large integers", async () => {
  using session = await QuerySession.open([]);
  const rows = await session.rows(
    "SELECT 9007199254740993::HUGEINT, 18446744073709551615::UBIGINT",
  );
  assert.deepEqual(rows, [[9007199254740993n, 18446744073709551615n]]);
});

Deno.test("parseMemoryLimit() reads DuckDB's notation", () => {
  assert.equal(parseMemoryLimit("18.8 GiB"), 18.8 * 2 ** 30);
  assert.equal(parseMemoryLimit("512.0 MiB"), 512 * 2 ** 20);
  assert.equal(parseMemoryLimit("0 bytes"), 0);
  assert.equal(parseMemoryLimit("unlimited"), null);
});
