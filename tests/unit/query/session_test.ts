import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { QuerySession } from "../../../src/query/session.ts";
import { parseMemoryLimit, reportMemory } from "../../../src/query/session_settings.ts";
import { spillPlace } from "../../../src/query/spill_directory.ts";
import { fixturePath } from "../../support/make_fixture.ts";

Deno.test("QuerySession opens the files it was given and nothing else", async () => {
  using session = await QuerySession.open([fixturePath("complete")]);
  const count = "SELECT count(*) FROM read_parquet($paths)";
  assert.deepEqual(await session.rows(count, { paths: [fixturePath("complete")] }), [[36n]]);
  const disabled = /^Permission Error: .* disabled (by|through) configuration/;
  const locked = /^Invalid Input Error: .* the configuration has been locked/;
  for (
    const [sql, reason] of [
      [`SELECT * FROM read_parquet('${fixturePath("lossy")}')`, disabled],
      ["SELECT * FROM read_text('/etc/passwd')", disabled],
      ["SELECT * FROM glob('/*')", disabled],
      ["COPY (SELECT 1) TO '/tmp/xdp-inspector-must-not-exist.csv'", disabled],
      ["ATTACH '/tmp/xdp-inspector-must-not-exist.db'", disabled],
      ["INSTALL httpfs", disabled],
      ["LOAD httpfs", disabled],
      ["SET enable_external_access = true", locked],
      ["SET memory_limit = '1GB'", locked],
    ] as const
  ) await assert.rejects(session.rows(sql), { message: reason }, sql);
});

/** A setting of a session. */
async function setting(session: QuerySession, name: string): Promise<string> {
  const [row] = await session.rows(`SELECT current_setting('${name}')`);
  return String(row![0]);
}

Deno.test("QuerySession takes at most half of the memory", async () => {
  // DuckDB's default is 80 % of what it takes for the machine's memory.
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll("SELECT current_setting('memory_limit')");
  const ofDuckDb = parseMemoryLimit(String(reader.getRows()[0]![0]))!;
  connection.closeSync();
  instance.closeSync();
  using session = await QuerySession.open([]);
  const share = parseMemoryLimit(await setting(session, "memory_limit"))! / ofDuckDb * 0.8;
  // DuckDB tells sizes with one decimal.
  assert.ok(share > 0.46 && share < 0.54, String(share));
  using half = await QuerySession.open([], undefined, { sessions: 2 });
  const part = parseMemoryLimit(await setting(half, "memory_limit"))! / ofDuckDb * 0.8;
  assert.ok(part > 0.23 && part < 0.27, String(part));
  const [disk, halfDisk] = await Promise.all(
    [session, half].map(async (one) =>
      parseMemoryLimit(await setting(one, "max_temp_directory_size"))!
    ),
  );
  // Others fill the disk meanwhile.
  assert.ok(halfDisk! < disk! * 0.6, `${halfDisk} of ${disk}`);
});

Deno.test("reportMemory() is little where a disk has more room than memory", () => {
  const gib = 2 ** 30, mib = 2 ** 20;
  assert.equal(reportMemory(8 * gib, 2, 100 * gib), 640 * mib);
  assert.equal(reportMemory(8 * gib, 16, 100 * gib), 2560 * mib);
  assert.equal(reportMemory(8 * gib, 2, 8 * gib), 640 * mib);
  assert.equal(reportMemory(8 * gib, 2, 8 * gib - 1), 8 * gib);
  assert.equal(reportMemory(8 * gib, 2, 0), 8 * gib);
  assert.equal(reportMemory(400 * mib, 2, 100 * gib), 400 * mib);
});

Deno.test("QuerySession of a report has the memory of reports", async () => {
  const place = spillPlace();
  using other = await QuerySession.open([]);
  const most = parseMemoryLimit(await setting(other, "memory_limit"))!;
  const threads = Number(await setting(other, "threads"));
  using session = await QuerySession.open([], undefined, { isReport: true });
  const limit = parseMemoryLimit(await setting(session, "memory_limit"))!;
  const expected = reportMemory(most, threads, place?.bytes ?? 0);
  // DuckDB tells sizes with one decimal.
  assert.ok(Math.abs(limit / expected - 1) < 0.1, `${limit} bytes and not ${expected}`);
});

Deno.test("QuerySession spills into a directory whose name nobody can prepare", async () => {
  using first = await QuerySession.open([]);
  using second = await QuerySession.open([]);
  const names = await Promise.all([first, second].map((it) => setting(it, "temp_directory")));
  const [one, two] = names.map((name) => {
    assert.equal(dirname(name), tmpdir());
    // A random UUID (RFC 9562, section 5.4): 122 bits that nobody can guess.
    const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    return uuid.exec(name)?.[0] ?? assert.fail(name);
  });
  assert.notEqual(one, two);
});

Deno.test("QuerySession keeps every digit of large integers", async () => {
  using session = await QuerySession.open([]);
  const rows = await session.rows(
    "SELECT 9007199254740993::HUGEINT, 18446744073709551615::UBIGINT",
  );
  assert.deepEqual(rows, [[9007199254740993n, 18446744073709551615n]]);
});

Deno.test("parseMemoryLimit() reads DuckDB's notation", () => {
  assert.equal(parseMemoryLimit("0 bytes"), 0);
  for (const [index, unit] of ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"].entries()) {
    assert.equal(parseMemoryLimit(`18.5 ${unit}`), 18.5 * 1024 ** index, unit);
  }
  assert.equal(parseMemoryLimit("unlimited"), null);
});
