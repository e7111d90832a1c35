/**
 * One recorder that is killed at some moment under numbered traffic, and what can be had back of it.
 *
 * @module
 */
import { equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { exists, inspector, runInspector } from "./inspector_cli.ts";
import type { NetnsEnd } from "./netns.ts";
import { footerRowCount, query } from "./parquet_rows.ts";
import { TempDirectory } from "./temp_directory.ts";
import { untilNothingAttached } from "./xdp_state.ts";

const END_LIMIT_MS = 60_000;

/** What a round has shown. */
export interface KillRound {
  readonly rows: number;
  /** Milliseconds before the kill that the last row comes from; null without rows. */
  readonly lossMs: number | null;
  /** Files that were made. */
  readonly files: number;
}

/**
 * Kills a recorder, looks at what is there, and recovers it.
 *
 * @param flags of `record`, without interface and output
 * @param output name in a directory of its own; ending in "/" for the directory itself
 * @param afterMs when to kill it, from its start
 */
export async function killRound(
  end: NetnsEnd,
  flags: readonly string[],
  output: string,
  afterMs: number,
): Promise<KillRound> {
  using directory = TempDirectory.create();
  const path = directory.file("d");
  Deno.mkdirSync(path);
  const argv = inspector("record", "-i", end.interface, "-Q", "in", "-d", "0", ...flags);
  const process = end.start([...argv, "-o", output === "/" ? `${path}/` : join(path, output)]);
  await new Promise((resume) => setTimeout(resume, afterMs));
  const killedMs = Date.now();
  process.signal("SIGKILL");
  await process.end(END_LIMIT_MS);
  await untilNothingAttached(end);

  // Everything that shows itself as a recording is one.
  for (const file of parquetFiles(path)) await footerRowCount(file);
  const { code, stdout, stderr } = await runInspector(["recover", path]);
  equal(code, 0, stdout + stderr);
  const left = [...Deno.readDirSync(path)].filter(({ name }) => name.includes(".xdp-inspector-"));
  equal(left.length, 0, left.map(({ name }) => name).join());

  const files = parquetFiles(path);
  if (files.length === 0) return { rows: 0, lossMs: null, files: 0 };
  const list = files.map((file) => `'${file}'`).join();
  const rows = await query(
    files[0]!,
    `SELECT payload_length::INTEGER AS number, epoch_ms(timestamp)::DOUBLE AS ms
     FROM read_parquet([${list}]) WHERE destination_port = 9 ORDER BY timestamp`,
  ) as { number: number; ms: number }[];
  // Every packet once, from the first to the last that is there.
  const gap = rows.findIndex(({ number }, index) => {
    return index > 0 && number !== rows[index - 1]!.number % 1000 + 1;
  });
  const around = rows.slice(Math.max(0, gap - 3), gap + 3).map(({ number }) => number);
  ok(gap === -1, `row ${gap} of ${rows.length}: ${around.join()}`);
  const last = rows.at(-1);
  return {
    rows: rows.length,
    lossMs: last === undefined ? null : Math.max(0, killedMs - last.ms),
    files: files.length,
  };
}

/** Recordings below a directory, also in hidden ones. */
function parquetFiles(path: string): string[] {
  if (!exists(path)) return [];
  return [...Deno.readDirSync(path)].flatMap(({ name, isDirectory }) => {
    const inner = join(path, name);
    if (isDirectory) return parquetFiles(inner);
    return name.endsWith(".parquet") ? [inner] : [];
  }).sort();
}
