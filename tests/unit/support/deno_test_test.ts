import { deepEqual, match } from "node:assert/strict";
import { run } from "../../support/child_process.ts";
import { denoRun, PROJECT } from "../../support/inspector_cli.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const MODULE = new URL("../../support/deno_test.ts", import.meta.url).href;

/** What runDenoTest() counts of a module of tests; in a process of its own, because it shows it. */
async function countsOf(tests: string, silenceLimitMs: number) {
  using directory = TempDirectory.create();
  Deno.writeTextFileSync(directory.file("some_test.ts"), tests);
  Deno.writeTextFileSync(
    directory.file("runner.ts"),
    `import { runDenoTest } from ${JSON.stringify(MODULE)};
     const counts = await runDenoTest(
       ${JSON.stringify([directory.path])},
       ["--no-check"],
       ${silenceLimitMs},
     );
     Deno.writeTextFileSync(${JSON.stringify(directory.file("counts"))}, JSON.stringify(counts));`,
  );
  const argv = denoRun(directory.file("runner.ts"));
  const { stdout, stderr } = await run(argv, { cwd: PROJECT });
  const counts = JSON.parse(Deno.readTextFileSync(directory.file("counts")));
  return { counts, text: stdout + stderr };
}

const GOOD = 'Deno.test("good", () => {});';
const BAD = 'Deno.test("bad", () => { throw new Error("a test"); });';

Deno.test("runDenoTest() counts what the runner says", async () => {
  const { counts } = await countsOf(`${GOOD} ${BAD}`, 60_000);
  deepEqual(counts, { passed: 1, failed: 1, skipped: 0 });
});

const HANGING = {
  "waits for ever": "() => new Promise<void>((resolve) => setTimeout(resolve, 1e9))",
  // Such a thread hears no signal.
  "blocks its thread": "() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
};

for (const [how, body] of Object.entries(HANGING)) {
  Deno.test(`runDenoTest() ends a run and counts a failure when a test ${how}`, async () => {
    const { counts, text } = await countsOf(`${GOOD} Deno.test("hanging", ${body});`, 3_000);
    deepEqual(counts, { passed: 0, failed: 1, skipped: 0 });
    match(text, /no output for 3 s, ended\. It hangs behind: /);
  });
}
