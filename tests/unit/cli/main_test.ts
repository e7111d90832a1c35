import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { VERSION } from "../../../src/core/version.ts";
import { SCHEMA_VERSION } from "../../../src/contract/columns.ts";
import { QuerySession } from "../../../src/query/session.ts";
import { run } from "../../support/child_process.ts";
import { inspector, PROJECT, runInspector } from "../../support/inspector_cli.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const OBJECT = join(PROJECT, "bpf", "inspector.bpf.o");

/** Runs the program behind a shell, which can connect its output to anything. */
function inShell(script: string, ...args: string[]) {
  return run(["bash", "-c", script, "bash", ...inspector(...args)], {});
}

Deno.test("the program prints its version and those of its parts", async () => {
  const { code, stdout, stderr } = await runInspector(["--version"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const hash = createHash("sha256").update(Deno.readFileSync(OBJECT)).digest("hex");
  using session = await QuerySession.open([]);
  const [row] = await session.rows("SELECT version()");
  assert.deepEqual(stdout.replace(/^libbpf 1\.\d+$/m, "libbpf 1.x").split("\n"), [
    `xdp-inspector ${VERSION}`,
    "libbpf 1.x",
    `DuckDB ${String(row?.[0]).replace("v", "")}`,
    `Parquet schema ${SCHEMA_VERSION}`,
    `BPF object ${hash.slice(0, 12)}`,
    "",
  ]);
});

Deno.test("the program prints its version where there is no libbpf", async () => {
  const env = { XDP_INSPECTOR_LIBBPF: "/nonexistent/libbpf.so.1" };
  const { code, stdout, stderr } = await runInspector(["--version"], { env });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^libbpf not found$/m);
});

Deno.test("the program ends a wrong command line with 2, without stack trace or file", async () => {
  using directory = TempDirectory.create();
  const result = await runInspector(["record", "--duration", "soon"], { cwd: directory.path });
  assert.deepEqual([result.code, result.stdout, directory.list()], [2, "", []]);
  assert.equal(
    result.stderr,
    'xdp-inspector: Cannot use "soon" for --duration: it is not a duration\n' +
      '  Write a number and a unit (ms, s, m, h, d), as in "500ms", "30s" or "1h30m"\n',
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
  assert.equal(
    stderr,
    "xdp-inspector: Cannot write to standard output: no space left on device\n" +
      "  Free space there, or choose a place on a larger disk\n",
  );
});

Deno.test("the program ends quietly when nobody reads its output", async () => {
  // The substitution has no reader left once ":" has ended; only then does the program start.
  const script = 'exec 3> >(:); wait "$!"; "$@" >&3';
  const { code, stdout, stderr } = await inShell(script, "--help");
  assert.deepEqual([code, stdout, stderr], [0, "", ""]);
});
