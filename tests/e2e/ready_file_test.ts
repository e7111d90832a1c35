/** The file that tells a script that a recording has begun. */
import { equal, match, ok } from "node:assert/strict";
import { textOf } from "../support/file_text.ts";
import { waitFor } from "../support/deadline.ts";
import { exists, inspector, Recording } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { heldLinks } from "../support/xdp_state.ts";

const LIMIT_MS = 60_000;

Deno.test("record replaces the ready file of an earlier run once it is attached", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const [ready, output] = [directory.file("ready"), directory.file("traffic.parquet")];
  Deno.writeTextFileSync(ready, "1\n");
  const flags = ["-i", rig.b.interface, "-o", output, "--ready-file", ready];
  const process = rig.b.start(inspector("record", ...flags));
  await process.until("the new ready file", LIMIT_MS, () => {
    return textOf(ready) === `${process.pid}\n`;
  });
  equal(heldLinks(process.pid).length, 2);
  process.signal("SIGINT");
  const ended = await process.end(LIMIT_MS);
  equal(ended.code, 0, ended.stderr);
});

Deno.test("record leaves no old ready file behind when it cannot be attached", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const first = await Recording.start(rig.b, directory.path, ["--mode", "native"]);
  const ready = directory.file("ready");
  Deno.writeTextFileSync(ready, "1\n");
  const output = directory.file("second.parquet");
  const flags = ["-i", rig.b.interface, "--mode", "native", "-o", output, "--ready-file", ready];
  const { code, stderr } = await rig.b.run(inspector("record", ...flags));
  equal(code, 1, stderr);
  match(stderr, /another XDP program is attached/);
  equal(exists(ready), false);
  await first.stop();
});

Deno.test("record leaves an old ready file alone when its output is refused", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const ready = directory.file("ready");
  Deno.writeTextFileSync(ready, "1\n");
  const flags = ["-i", rig.b.interface, "-o", "/proc/x.parquet", "--ready-file", ready];
  const { code } = await rig.b.run(inspector("record", ...flags));
  equal(code, 1);
  equal(Deno.readTextFileSync(ready), "1\n");
});

Deno.test("record fails, and is detached, where the ready file cannot be written", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const ready = directory.file("nowhere/ready");
  const flags = ["-i", rig.b.interface, "-o", directory.file("a.parquet"), "--ready-file", ready];
  const { code, stderr } = await rig.b.run(inspector("record", ...flags));
  equal(code, 1);
  match(
    stderr,
    /^xdp-inspector: Cannot create the ready file ".*": directory ".*" does not exist$/m,
  );
  await waitFor("the work directory to go", LIMIT_MS, () => directory.list().length === 0);
  ok(!exists(ready));
});
