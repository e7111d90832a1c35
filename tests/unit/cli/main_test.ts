import assert from "node:assert/strict";
import { VERSION } from "../../../src/core/version.ts";
import { SCHEMA_VERSION } from "../../../src/event/schema.ts";
import { run } from "../../support/child_process.ts";
import { inspector, runInspector } from "../../support/inspector_cli.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** Runs the program behind a shell, which can connect its output to anything. */
function inShell(script: string, ...args: string[]) {
  return run(["bash", "-c", script, "bash", ...inspector(...args)], {});
}

Deno.test("the program prints its version and that of the schema", async () => {
  const { code, stdout, stderr } = await runInspector(["--version"]);
  assert.deepEqual(
    [code, stdout, stderr],
    [0, `xdp-inspector ${VERSION}\nParquet schema ${SCHEMA_VERSION}\n`, ""],
  );
});

Deno.test("the program ends a wrong command line with 2, without stack trace or file", async () => {
  using directory = TempDirectory.create();
  const result = await runInspector(["record", "--duration", "30"], { cwd: directory.path });
  assert.deepEqual([result.code, result.stdout, directory.list()], [2, "", []]);
  assert.equal(
    result.stderr,
    'xdp-inspector: Cannot use "30" for --duration: it has no unit\n' +
      '  Write "30s" for seconds or "30m" for minutes\n',
  );
});

Deno.test("the program without arguments prints its help to standard error", async () => {
  const { code, stdout, stderr } = await runInspector([]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^Records network traffic/);
});

Deno.test("the program says that standard output cannot be written", async () => {
  const { code, stderr } = await inShell('exec "$@" > /dev/full', "--help");
  assert.equal(code, 1);
  assert.equal(stderr, "xdp-inspector: Cannot write to standard output: no space left on device\n");
});

Deno.test("the program ends quietly when nobody reads its output", async () => {
  // The substitution has no reader left once ":" has ended; only then does the program start.
  const script = 'exec 3> >(:); wait "$!"; "$@" >&3';
  const { code, stdout, stderr } = await inShell(script, "--help");
  assert.deepEqual([code, stdout, stderr], [0, "", ""]);
});
