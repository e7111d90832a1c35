/** `record -o -`: an Arrow stream into a pipe, whose reader stays or leaves. */
import { equal, match } from "node:assert/strict";
import { tableFromIPC } from "apache-arrow";
import type { BackgroundProcess } from "../support/child_process.ts";
import { exists, inspector } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood } from "../support/traffic.ts";
import { untilNothingAttached } from "../support/xdp_state.ts";

/** Limit for the recording to begin, and to end by itself, milliseconds. */
const LIMIT_MS = 60_000;

/** Starts a recording into `reader`, a command of the shell; its exit code is that of `record`. */
async function recordInto(
  rig: NetnsPair,
  directory: TempDirectory,
  reader: string,
  ...flags: string[]
): Promise<BackgroundProcess> {
  const ready = directory.file("ready");
  const argv = inspector(
    ...["record", "-i", rig.b.interface, "-Q", "in", "-d", "0", "-o", "-", "--ready-file", ready],
    ...flags,
  );
  const script = `set -o pipefail; "$@" | ${reader}`;
  const process = rig.b.start(["bash", "-c", script, "bash", ...argv], { cwd: directory.path });
  await process.until("the ready file", LIMIT_MS, () => exists(ready));
  return process;
}

Deno.test("record -o - writes a complete Arrow stream to its reader", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const process = await recordInto(
    rig,
    directory,
    "cat > stream",
    "--count",
    "100",
    "--sample",
    "2",
  );
  await flood(rig, 2000, 22);
  const ended = await process.end(LIMIT_MS);
  equal(ended.code, 0, ended.stderr);
  match(ended.stderr, /^100 packets captured$/m);
  match(ended.stderr, /^100 rows in "-", /m);

  const bytes = Deno.readFileSync(directory.file("stream"));
  const table = tableFromIPC(bytes);
  equal(table.numRows, 100);
  const ports = table.getChild("destination_port")!;
  equal(new Set(ports).size, 1);
  const { metadata } = table.schema;
  equal(metadata.get("xdp_inspector.schema_version"), "1");
  // Whoever reads a stream must know what a row of it stands for.
  equal(metadata.get("xdp_inspector.sample_rate"), "2");
  equal(
    metadata.get("xdp_inspector.attachments"),
    `[{"slot":0,"interface":"${rig.b.interface}","direction":"ingress"}]`,
  );
  // The mark of the end: a continuation, and a message of no bytes (Arrow columnar format, IPC
  // streaming format).
  equal([...bytes.subarray(-8)].join(), "255,255,255,255,0,0,0,0");
  match(
    ended.stderr,
    new RegExp(`^100 rows in "-", ${(bytes.length / 1024).toPrecision(3)} KiB$`, "m"),
  );
});

Deno.test("record -o - ends quietly when its reader leaves", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const process = await recordInto(rig, directory, "until [ -e leave ]; do sleep 0.01; done");
  Deno.writeTextFileSync(directory.file("leave"), "");
  // The reader takes a moment to leave: it is missed by whoever writes afterwards.
  const limit = performance.now() + LIMIT_MS;
  while (process.running && performance.now() < limit) await flood(rig, 200, 22);
  const ended = await process.end(LIMIT_MS);
  equal(ended.code, 0, ended.stderr);
  // The lines that say by which hook and that it has begun, and nothing else.
  match(ended.stderr, /^veth-b ingress: TCX in use, [^\n]*\nrecording [^\n]*\n$/);
  await untilNothingAttached(rig.b);
});
