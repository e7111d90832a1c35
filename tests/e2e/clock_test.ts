/** Recordings on a machine whose clock is set, or that sleeps: the machine's own is left alone. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { RecordedClock } from "../../src/contract/clock_change.ts";
import { exists, Recording, reportOf } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { fileMetadata, query } from "../support/parquet_rows.ts";
import { MachineClock } from "../support/set_clock.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood } from "../support/traffic.ts";

const LIMIT_MS = 60_000;
const PACKETS = 40;
const HOUR = 3600;

/** Rows as they stand in the file: packets, of these such that are earlier than one before, and seconds. */
async function order(path: string): Promise<{ rows: number; early: number; seconds: number }> {
  const [row] = await query(
    path,
    `SELECT count(*)::INT AS "rows", (count(*) FILTER (WHERE ns < last))::INT AS early,
      ((max(ns) - min(ns)) / 1e9)::DOUBLE AS seconds
    FROM (
      SELECT epoch_ns(timestamp) AS ns, max(epoch_ns(timestamp)) OVER (
        ORDER BY file_row_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ) AS last
      FROM read_parquet('${path}', file_row_number = true)
    )`,
  );
  return row as { rows: number; early: number; seconds: number };
}

/** Names of files, at most one directory deep. */
function filesBelow(path: string): string[] {
  return [...Deno.readDirSync(path)].flatMap(({ name, isDirectory }) => {
    return isDirectory ? [...Deno.readDirSync(join(path, name))].map((one) => one.name) : [name];
  });
}

async function clockOf(path: string): Promise<RecordedClock> {
  return JSON.parse((await fileMetadata(path)).get("xdp_inspector.clock") ?? "null");
}

Deno.test("record neither reorders nor loses rows when the clock is set, and tells each step", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const machine = new MachineClock(directory.file("clock"));
  const flags = ["--json", "-Q", "in", "-d", "0"];
  const recording = await Recording.start(rig.b, directory.path, flags, {}, machine.program);
  const told =
    /the clock was set (back|forward) by (.+) at .+: the recorded times do not follow\n/g;
  const lines = () => [...recording.process.stderr.matchAll(told)];
  await flood(rig, PACKETS, 22);
  for (const [step, bySeconds] of [-HOUR, 3 * HOUR].entries()) {
    machine.set(bySeconds);
    await recording.process.until("the line", LIMIT_MS, () => lines().length === step + 1);
    await flood(rig, PACKETS, 22);
  }
  const result = await recording.stop();
  const report = reportOf(result) as unknown as RecordedReport;
  deepEqual(lines().map(([, way, length]) => `${way} ${length}`), [
    "back 1 h 00 min",
    "forward 3 h 00 min",
  ]);

  const { rows, early, seconds } = await order(recording.output);
  deepEqual([rows, early], [3 * PACKETS, 0]);
  // A slow machine takes a while; an hour it does not.
  ok(seconds < HOUR / 2, `${seconds} s`);
  const clock = await clockOf(recording.output);
  deepEqual(clock.changes, report.clock_changes);
  deepEqual(clock.changes.map(({ kind, seconds }) => [kind, Math.round(seconds)]), [
    ["set", -HOUR],
    ["set", 3 * HOUR],
  ]);
  equal(Math.round(clock.ahead_seconds), 2 * HOUR);
  // By the time of the packets, and within the recording.
  const metadata = await fileMetadata(recording.output);
  const [started, ended] = ["started", "ended"].map((key) => metadata.get(`xdp_inspector.${key}`)!);
  for (const { at } of clock.changes) ok(started! < at && at < ended!, `${started} ${at} ${ended}`);
  const [between] = await query(
    recording.output,
    `SELECT count(*)::INT AS "rows" FROM read_parquet('${recording.output}') WHERE timestamp < '${
      clock.changes[1]!.at.slice(0, -1)
    }'`,
  );
  equal(between!.rows, 2 * PACKETS);
});

interface RecordedReport {
  readonly clock_changes: RecordedClock["changes"];
}

Deno.test("record goes on by the time that the machine slept", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const machine = new MachineClock(directory.file("clock"));
  const flags = ["--json", "-Q", "in", "-d", "0", "--flush-interval", "1s"];
  const recording = await Recording.start(rig.b, directory.path, flags, {}, machine.program);
  await flood(rig, PACKETS, 22);
  // They are in no ring any more.
  await recording.process.until("a tail", LIMIT_MS, () => {
    return filesBelow(directory.path).some((name) => /\.tail-\d+-\d+$/.test(name));
  });
  machine.sleep(8 * HOUR);
  await recording.process.until("the line", LIMIT_MS, ({ stderr }) => {
    return /the machine slept for 8 h 00 min until .+: nothing was recorded\n/.test(stderr);
  });
  await flood(rig, PACKETS, 22);
  const report = reportOf(await recording.stop());
  ok(report.duration_seconds < HOUR, `${report.duration_seconds} s`);
  const { rows, early, seconds } = await order(recording.output);
  deepEqual([rows, early], [2 * PACKETS, 0]);
  equal(Math.floor(seconds / HOUR), 8);
  const { changes, ahead_seconds: ahead } = await clockOf(recording.output);
  deepEqual(changes.map(({ kind, seconds }) => [kind, Math.round(seconds)]), [["slept", 8 * HOUR]]);
  equal(ahead, 0);
});

Deno.test("record begins the next file by the clock that was set forward, and not by one that was set back", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const machine = new MachineClock(directory.file("clock"));
  const out = directory.file("out");
  Deno.mkdirSync(out);
  const ready = directory.file("ready");
  const flags = ["-i", rig.b.interface, "-Q", "in", "-W", "100", "-o", `${out}/`];
  const process = rig.b.start([...machine.program, "record", ...flags, "--ready-file", ready]);
  await process.until("the ready file", LIMIT_MS, () => exists(ready));
  const files = () =>
    [...Deno.readDirSync(out)].map(({ name }) => name).filter((name) => !name.startsWith("."))
      .sort().map((name) => join(out, name));
  let told = 0;
  for (const bySeconds of [2 * HOUR, -HOUR]) {
    await flood(rig, PACKETS, 22);
    machine.set(bySeconds);
    told++;
    await process.until("the line", LIMIT_MS, ({ stderr }) => {
      return stderr.split("the clock was set").length === told + 1;
    });
    await flood(rig, PACKETS, 22);
    const before = files().length;
    process.signal("SIGUSR2");
    await process.until("another file", LIMIT_MS, () => files().length > before);
  }
  await flood(rig, PACKETS, 22);
  process.signal("SIGINT");
  const { code, stderr } = await process.end(LIMIT_MS);
  equal(code, 0, stderr);

  const found = await Promise.all(
    files().map(async (path) => {
      const [span] = await query(
        path,
        `SELECT count(*)::INT AS "rows", min(epoch_ns(timestamp))::DOUBLE AS first,
        max(epoch_ns(timestamp))::DOUBLE AS last FROM read_parquet('${path}')`,
      );
      const { started } = Object.fromEntries(
        [...await fileMetadata(path)].map(([key, value]) => [key.split(".")[1], value]),
      );
      const { rows, first, last } = span as Record<string, number>;
      return { path, rows: rows!, first: first!, last: last!, started: Date.parse(started!) };
    }),
  );
  deepEqual(found.map(({ rows }) => rows), [2 * PACKETS, 2 * PACKETS, PACKETS]);
  // In the order of their names and of their times.
  const times = found.flatMap(({ first, last }) => [first, last]);
  deepEqual(times, times.toSorted((one, other) => one - other));
  const [one, two, three] = found;
  const hours = (from: number, to: number) => Math.floor((to - from) / 1000 / HOUR);
  equal(hours(one!.started, two!.started), 2);
  equal(hours(two!.started, three!.started), 0);
  equal(
    hours(one!.last / 1e6, two!.first / 1e6),
    1 + hours(one!.last / 1e6, two!.first / 1e6 - HOUR * 1000),
  );
  match(two!.path, /T\d{6}\.\d{3}Z\.parquet$/);
  const clocks = await Promise.all(found.map(({ path }) => clockOf(path)));
  deepEqual(clocks.map(({ ahead_seconds }) => Math.round(ahead_seconds)), [
    2 * HOUR,
    -HOUR,
    -HOUR,
  ]);
  deepEqual(clocks.map(({ changes }) => changes.length), [1, 1, 0]);
});
