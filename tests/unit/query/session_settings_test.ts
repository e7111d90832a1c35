import assert from "node:assert/strict";
import { memorySettings, parseMemoryLimit, settings } from "../../../src/query/session_settings.ts";

const GIB = 2 ** 30;
/** Who asks for memory. */
type Asking = Parameters<typeof memorySettings>[1];

const ALONE: Asking = { spillBytes: null, sessions: 1, isWriter: false };

/** Bytes that a session may take, where DuckDB would take 80 % of this machine's. */
function limitOf(machineGib: number, threads: number, more: Partial<Asking>): number {
  const defaults = [`${machineGib * 0.8} GiB`, threads];
  const [statement, ...others] = memorySettings(defaults, { ...ALONE, ...more });
  const [, kib] = /^SET memory_limit = '(\d+)KiB'$/.exec(statement!)!;
  assert.deepEqual(others, []);
  return Number(kib) * 1024;
}

Deno.test("memorySettings() gives half of the machine, and its share to each of several", () => {
  assert.equal(limitOf(20, 2, {}), 10 * GIB);
  assert.equal(limitOf(20, 2, { sessions: 4 }), 2.5 * GIB);
});

Deno.test("memorySettings() gives a writer no more than a gigabyte, and less where there is less", () => {
  assert.equal(limitOf(20, 2, { isWriter: true }), GIB);
  assert.equal(limitOf(20, 2, { isWriter: true, sessions: 4 }), GIB);
  assert.equal(limitOf(20, 2, { isWriter: true, sessions: 20 }), GIB / 2);
  assert.equal(limitOf(1, 2, { isWriter: true }), GIB / 2);
});

Deno.test("memorySettings() gives a report little where it can spill, by its threads", () => {
  assert.equal(limitOf(20, 16, { spillBytes: 100 * GIB }), 2.5 * GIB);
  assert.equal(limitOf(20, 16, { spillBytes: 100 * GIB, sessions: 2 }), 1.25 * GIB);
  assert.equal(limitOf(20, 16, { spillBytes: 0 }), 10 * GIB);
});

Deno.test("memorySettings() leaves DuckDB what it takes where that cannot be understood", () => {
  assert.deepEqual(memorySettings(["plenty", 2], ALONE), []);
  const units = { bytes: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: GIB, TiB: 2 ** 40, PiB: 2 ** 50 };
  for (const [unit, bytes] of Object.entries(units)) {
    assert.equal(parseMemoryLimit(`1.5 ${unit}`), 1.5 * bytes);
  }
  assert.equal(parseMemoryLimit("1.5 EiB"), null);
});

Deno.test("settings() lets queries open the files that are named, and write to one directory", () => {
  const about = (statements: readonly string[]) =>
    statements.filter((one) => /allowed|external|lock/.test(one));
  assert.deepEqual(about(settings(null, null)), []);
  const closed = ["SET enable_external_access = false", "SET lock_configuration = true"];
  const paths = "SET allowed_paths = ['/a.parquet', '/it''s.parquet']";
  const files = ["/a.parquet", "/it's.parquet"];
  assert.deepEqual(about(settings(files, null)), [paths, ...closed]);
  assert.deepEqual(about(settings(files, "/out")), [
    paths,
    "SET allowed_directories = ['/out']",
    ...closed,
  ]);
  // A directory by its descriptor is one of this process.
  assert.deepEqual(about(settings([], "/proc/self/fd/7/out")), [
    "SET allowed_paths = []",
    "SET allowed_directories = ['/proc/self/fd/7/out', '/proc/self/fd/']",
    ...closed,
  ]);
});
