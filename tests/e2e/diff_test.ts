/** `diff` as a user runs it: what it says, its exit codes, and where its answer goes. */
import { deepEqual, equal, match } from "node:assert/strict";
import { run } from "../support/child_process.ts";
import { mixedPackets } from "../support/fixture_packets.ts";
import { inspector, runInspector } from "../support/inspector_cli.ts";
import { metadataOf, writeRecording } from "../support/parquet_fixture.ts";
import { TempDirectory } from "../support/temp_directory.ts";

/** Two captures: the second has one host more, and one less. */
async function captures(directory: TempDirectory): Promise<void> {
  const packets = mixedPackets();
  const later = packets.filter(({ source_ip }) => source_ip !== "10.0.0.3")
    .map((one) => one.source_ip === "10.0.0.4" ? { ...one, source_ip: "10.0.0.77" } : one);
  await writeRecording(directory.file("a.parquet"), packets, metadataOf(packets));
  await writeRecording(
    directory.file("b.parquet"),
    later,
    metadataOf(later, 5, { ring_full: 5 }),
  );
}

Deno.test("diff names hosts that are new or gone, and tells by its exit code if it is asked", async () => {
  using directory = TempDirectory.create();
  await captures(directory);
  const cwd = directory.path;
  const table = await runInspector(["diff", "a.parquet", "b.parquet"], { cwd });
  equal(table.code, 0, table.stderr);
  match(table.stdout, /^host +10\.0\.0\.77 +new /m);
  match(table.stdout, /^host +10\.0\.0\.3 +gone /m);
  match(table.stdout, /^host: 1 new, 2 gone of \d+$/m);
  match(table.stdout, /^A: capture complete$/m);
  match(table.stdout, /^B: lost 5 of \d+ packets .*, ring full$/m);
  const asked = ["diff", "--exit-code", "--by", "host"];
  equal((await runInspector([...asked, "a.parquet", "b.parquet"], { cwd })).code, 1);
  equal((await runInspector([...asked, "a.parquet", "a.parquet"], { cwd })).code, 0);
  // What is new is not selected.
  const narrow = [...asked, "--where", "source_ip <> '10.0.0.77'"];
  equal((await runInspector([...narrow, "a.parquet", "b.parquet"], { cwd })).code, 0);
});

Deno.test("diff takes a directory, a pattern and standard input, and writes a file", async () => {
  using directory = TempDirectory.create();
  await captures(directory);
  const cwd = directory.path;
  Deno.mkdirSync(directory.file("old"));
  Deno.renameSync(directory.file("a.parquet"), directory.file("old/a.parquet"));
  Deno.writeTextFileSync(directory.file("old/bad.parquet"), "no recording");
  const output = "out.json";
  const argv = inspector("diff", "old", "b.parq*", "-o", output);
  const partial = await run(argv, { cwd });
  equal(partial.code, 1);
  match(partial.stderr, /^xdp-inspector: Cannot read "old\/bad\.parquet": not a Parquet file$/m);
  const rows = JSON.parse(Deno.readTextFileSync(directory.file(output)));
  const whole = await run(
    ["sh", "-c", '"$@" < b.parquet', "sh"].concat(
      inspector("diff", "old/a.parquet", "-", "--json"),
    ),
    { cwd },
  );
  equal(whole.code, 0, whole.stderr);
  deepEqual(JSON.parse(whole.stdout), rows);
  deepEqual(directory.list(), ["b.parquet", "old", output]);
});
