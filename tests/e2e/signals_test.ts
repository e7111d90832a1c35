/** Signals at moments when there is little that they may do. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { exists, inspector, Recording } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { footerRowCount } from "../support/parquet_rows.ts";
import { slowRecorder } from "../support/slow_recorder.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood } from "../support/traffic.ts";
import { untilNothingAttached } from "../support/xdp_state.ts";

const LIMIT_MS = 60_000;

Deno.test("record writes its file in spite of signals that come while it does", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  // There are seconds of writing left when the first signal comes.
  const program = slowRecorder({ delayMs: 2000 });
  const recording = await Recording.start(rig.b, directory.path, ["-Q", "in"], {}, program);
  await flood(rig, 20_000, 22);
  recording.process.signal("SIGTERM");
  await untilNothingAttached(rig.b);
  for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGQUIT", "SIGUSR2"] as const) {
    recording.process.signal(signal);
  }
  const ended = await recording.process.end(LIMIT_MS);
  equal(ended.code, 0, ended.stderr);
  equal(await footerRowCount(recording.output), 20_000);
  // SIGQUIT asks for the state of a recording. There is none any more.
  match(ended.stderr, /^20000 packets captured$/m);
  ok(!/ lost 0 /.test(ended.stderr), ended.stderr);
  deepEqual(directory.list().filter((name) => !name.startsWith("ready-")), ["traffic.parquet"]);
});

Deno.test("record under nohup outlives its terminal", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const [ready, output] = [directory.file("ready"), directory.file("traffic.parquet")];
  const flags = ["-i", rig.b.interface, "-Q", "in", "-d", "0", "-o", output, "--ready-file", ready];
  const process = rig.b.start(["nohup", ...inspector("record", ...flags)]);
  await process.until("the ready file", LIMIT_MS, () => exists(ready));
  await flood(rig, 10, 22);
  process.signal("SIGHUP");
  await flood(rig, 10, 22);
  process.signal("SIGTERM");
  const ended = await process.end(LIMIT_MS);
  equal(ended.code, 0, ended.stderr);
  equal(await footerRowCount(output), 20);
});
