/** A packet file without an end, as a capture that somebody sends on: it is given up at once, and takes no more memory for it. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { BackgroundProcess, check } from "../support/child_process.ts";
import { inspector, PROJECT } from "../support/inspector_cli.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const ENDLESS = join(PROJECT, "tests", "support", "endless_pcap.pl");
const LIMIT_MS = 120_000;
/** So much of the stream is read before it is given up. */
const READ_BYTES = 150_000_000;
/** Less than the program and that. */
const MOST_MEMORY_KB = 400_000;
/** From the signal to the end, on a machine many times slower than most: the stream has none. */
const END_LIMIT_MS = 60_000;

/** A number of /proc of a running process. */
function proc(pid: number, file: string, name: string): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/${file}`);
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)![1]);
}

/** Runs the program on an endless pcap as its standard input. */
async function reading(directory: TempDirectory, words: readonly string[]) {
  const [pipe, place] = [directory.file("pipe"), directory.file("place")];
  await check(["mkfifo", pipe]);
  Deno.mkdirSync(place);
  const stack = new AsyncDisposableStack();
  const behind = (script: string, ...argv: string[]) => ["sh", "-c", script, pipe, ...argv];
  stack.use(BackgroundProcess.start(behind('exec perl "$1" > "$0"', ENDLESS)));
  const argv = behind('exec "$@" < "$0"', ...inspector(...words));
  const process = stack.use(
    BackgroundProcess.start(argv, { cwd: directory.path, env: { TMPDIR: place } }),
  );
  return { process, place, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

for (
  const words of [
    ["stats", "flows", "-f", "-", "--timeout", "0"],
    ["sql", "-f", "-", "--timeout", "0", "SELECT count(*) FROM packets"],
    ["convert", "-f", "-", "-o", "copy.parquet"],
    ["report", "-f", "-", "-o", "page.html", "--timeout", "0"],
  ] as const
) {
  Deno.test(`${words[0]} gives an endless packet file up at Ctrl-C, with bounded memory`, async () => {
    using directory = TempDirectory.create();
    await using run = await reading(directory, words);
    const { process, place } = run;
    await process.until(
      "the stream read",
      LIMIT_MS,
      ({ pid }) => proc(pid, "io", "rchar") > READ_BYTES,
    );
    const memory = proc(process.pid, "status", "VmHWM");
    ok(memory < MOST_MEMORY_KB, `${memory} kB`);
    process.signal("SIGINT");
    const { code, stdout, stderr } = await process.end(END_LIMIT_MS);
    deepEqual([code, stdout], [130, ""], stderr);
    deepEqual([...Deno.readDirSync(place)], []);
    deepEqual(directory.list(), ["pipe", "place"]);
  });
}

Deno.test("stats gives an endless packet file up when its time is over", async () => {
  using directory = TempDirectory.create();
  await using run = await reading(directory, ["stats", "-f", "-", "--timeout", "3s"]);
  const { code, stdout, stderr } = await run.process.end(LIMIT_MS);
  deepEqual([code, stdout], [1, ""]);
  match(stderr, /Cannot finish the report: it takes longer than 3\.00 s/);
  equal([...Deno.readDirSync(run.place)].length, 0);
});
