import assert from "node:assert/strict";
import { runStats } from "../../../src/commands/stats/run_stats.ts";
import { type SignalSource, StatsStop } from "../../../src/commands/stats/stats_stop.ts";
import { QuerySession } from "../../../src/query/session.ts";
import { spillPlace } from "../../../src/query/spill_directory.ts";
import { inspector } from "../../support/inspector_cli.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { writeParquet } from "../../support/parquet_fixture.ts";
import { COLUMNS } from "../../../src/contract/columns.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** A query that takes hours. */
const ENDLESS = "SELECT count(*) FROM range(1_000_000_000_000) a WHERE hash(a.range) = 1";
/** Far more than an interrupt takes, far less than the query. */
const LIMIT_MS = 60_000;

/** Signals that the test sends. */
class Signals implements SignalSource {
  readonly listeners = new Map<Deno.Signal, () => void>();

  addSignalListener(signal: Deno.Signal, listener: () => void): void {
    this.listeners.set(signal, listener);
  }

  removeSignalListener(signal: Deno.Signal): void {
    this.listeners.delete(signal);
  }
}

Deno.test("StatsStop ends a query that runs, with the exit code of the signal", async () => {
  for (const [signal, exitCode] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    const signals = new Signals();
    {
      using stop = new StatsStop(0, signals, "");
      using session = await QuerySession.open([], stop.signal);
      const started = performance.now();
      const answer = session.rows(ENDLESS);
      setTimeout(() => signals.listeners.get(signal)!(), 100);
      await assert.rejects(answer, {
        exitCode,
        message: `Ended by ${signal}: the report is not complete`,
      });
      assert.ok(performance.now() - started < LIMIT_MS);
      await assert.rejects(session.rows("SELECT 1"), { exitCode });
    }
    assert.equal(signals.listeners.size, 0);
  }
});

Deno.test("StatsStop leaves SIGHUP alone where nohup asked for it", () => {
  const signals = new Signals();
  using stop = new StatsStop(0, signals, "SigIgn:\t0000000000000001\n");
  signals.listeners.get("SIGHUP")!();
  assert.equal(stop.signal.aborted, false);
});

Deno.test("StatsStop ends a query after its time", async () => {
  using stop = new StatsStop(1000, new Signals(), "");
  using session = await QuerySession.open([], stop.signal);
  await assert.rejects(session.rows(ENDLESS), {
    name: "RunError",
    message: "Cannot finish the report: it takes longer than 1.00 s",
    hint: "Give it more with --timeout, or 0 for no limit",
  });
});

Deno.test("runStats() ends by its time although nobody reads what it writes", async () => {
  const options = { report: "top", files: [fixturePath("complete")], limit: null };
  const stuck = Promise.withResolvers<void>();
  const output = {
    data: () => stuck.promise,
    note: () => {},
    screen: { width: null, colour: false },
  };
  const run = runStats({ ...options, format: "csv", timeoutMs: 300 }, output);
  await assert.rejects(run, /Cannot finish the report/);
});

Deno.test("spillPlace() finds a place on a disk, or none", () => {
  const TMPFS = 0x01021994;
  const EXT4 = 0xef53;
  using directory = TempDirectory.create();
  const room = (types: Record<string, number>) => (path: string) => {
    const type = types[path];
    if (type === undefined) throw new Error("no such file or directory");
    return { type, bavail: 1000, bsize: 4096 };
  };
  const { path } = directory;
  assert.deepEqual(spillPlace(["/a", path], room({ "/a": TMPFS, [path]: EXT4 })), {
    directory: path,
    bytes: 2_048_000,
  });
  assert.equal(spillPlace(["/a", path], room({ "/a": TMPFS, [path]: TMPFS })), null);
  assert.equal(spillPlace(["/a", path], room({})), null);
});

Deno.test("QuerySession leaves no spilled file when a query is called off", async () => {
  const end = new AbortController();
  let spill = "";
  {
    using session = await QuerySession.open([], end.signal);
    const [row] = await session.rows("SELECT current_setting('temp_directory')");
    spill = String(row![0]);
    Deno.mkdirSync(spill);
    Deno.writeTextFileSync(`${spill}/addresses`, "10.0.0.1");
    const answer = session.rows(ENDLESS);
    setTimeout(() => end.abort(new Error("called off")), 50);
    await assert.rejects(answer, /called off/);
  }
  assert.throws(() => Deno.statSync(spill), Deno.errors.NotFound);
});

Deno.test("stats ends at once by a signal, and leaves nothing in TMPDIR", async () => {
  using directory = TempDirectory.create();
  const file = directory.file("a.parquet");
  const values = COLUMNS.map(({ name, type }) => {
    if (name === "timestamp") return "make_timestamp_ns(i) AS timestamp";
    if (name === "direction") return "'ingress' AS direction";
    if (name.endsWith("_ip")) return `'10.0.' || (hash(i) % 1000000) AS ${name}`;
    return `${type === "BOOLEAN" ? "false" : "1"}::${type} AS ${name}`;
  });
  await writeParquet(file, `SELECT ${values.join(", ")} FROM range(300_000) t(i)`);
  const temporary = directory.file("tmp");
  Deno.mkdirSync(temporary);
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    // The report is longer than a pipe holds, and nobody reads beyond its first line.
    const [command, ...args] = inspector(
      "stats",
      "flows",
      "-n",
      "0",
      "-f",
      file,
      "--format",
      "csv",
    );
    const child = new Deno.Command(command!, {
      args,
      env: { TMPDIR: temporary },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    child.kill(signal);
    const [status, text] = await Promise.all([
      child.status,
      new Response(child.stderr).text(),
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ]);
    assert.equal(status.code, code, text);
    assert.match(text, RegExp(`Ended by ${signal}`));
    assert.deepEqual([...Deno.readDirSync(temporary)], []);
  }
});
