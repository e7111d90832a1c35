/** XDP_INSPECTOR_LIBRARY_DIR: what the compiled program accepts as a place to unpack into. */
import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { type ProcessResult, run } from "../support/child_process.ts";
import { compiledProgram, PROJECT } from "../support/inspector_cli.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const RECORDING = join(PROJECT, "tests", "testdata", "lossy.parquet");
const NOBODY = 65_534;

const STATS = [compiledProgram(), "stats", "-f", RECORDING, "--format", "csv"];

function statsWith(directory: string, argv: readonly string[] = STATS): Promise<ProcessResult> {
  const env = { PATH: "/usr/sbin:/usr/bin", XDP_INSPECTOR_LIBRARY_DIR: directory };
  return run(argv, { clearEnv: true, env });
}

/** `stats` with a file system of its own mounted on `directory`. */
function statsOnMount(directory: string, options: string): Promise<ProcessResult> {
  const script = `mount -t tmpfs -o ${options} tmpfs "$1" && shift && exec "$@"`;
  return statsWith(directory, [
    "unshare",
    "--mount",
    "sh",
    "-c",
    script,
    "sh",
    directory,
    ...STATS,
  ]);
}

Deno.test("the binary unpacks into a private directory and leaves nothing there", async () => {
  using directory = TempDirectory.create();
  Deno.chmodSync(directory.path, 0o700);
  const result = await statsWith(directory.path);
  equal(result.code, 0, result.stderr);
  deepEqual(directory.list(), []);
});

Deno.test("the binary refuses a directory that others may write into", async () => {
  using directory = TempDirectory.create();
  Deno.chmodSync(directory.path, 0o777);
  const result = await statsWith(directory.path);
  equal(result.code, 1);
  match(
    result.stderr,
    /^xdp-inspector: Cannot use XDP_INSPECTOR_LIBRARY_DIR ".*": other users may/,
  );
});

Deno.test("the binary refuses a directory of another user", async () => {
  using directory = TempDirectory.create();
  Deno.chownSync(directory.path, NOBODY, NOBODY);
  const result = await statsWith(directory.path);
  equal(result.code, 1);
  match(result.stderr, /".*": it belongs to user 65534$/m);
});

Deno.test("the binary refuses a link to a directory", async () => {
  using directory = TempDirectory.create();
  Deno.mkdirSync(directory.file("real"), { mode: 0o700 });
  Deno.symlinkSync("real", directory.file("link"));
  const result = await statsWith(directory.file("link"));
  equal(result.code, 1);
  match(result.stderr, /".*": it is a symbolic link$/m);
  deepEqual([...Deno.readDirSync(directory.file("real"))], []);
});

Deno.test("the binary names the variable when the disk is full", async () => {
  using directory = TempDirectory.create();
  const result = await statsOnMount(directory.path, "size=8m,mode=700");
  equal(result.code, 1);
  match(result.stderr, /Cannot unpack "libduckdb\.so" into ".*": no space left on device/i);
  match(result.stderr, /Set XDP_INSPECTOR_LIBRARY_DIR to another directory, or unset it/);
});

Deno.test("the binary names the variable when the disk is read-only", async () => {
  using directory = TempDirectory.create();
  const result = await statsOnMount(directory.path, "ro,mode=700");
  equal(result.code, 1);
  match(result.stderr, /Cannot unpack "libduckdb\.so" into ".*": read-only file system/i);
  match(result.stderr, /Set XDP_INSPECTOR_LIBRARY_DIR to another directory, or unset it/);
});

Deno.test("the binary needs no disk that it can write to", async () => {
  const script = 'mount -o remount,bind,ro / && exec "$@"';
  const argv = ["unshare", "--mount", "sh", "-c", script, "sh", ...STATS];
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", TMPDIR: "/nonexistent" };
  const result = await run(argv, { clearEnv: true, env });
  equal(result.code, 0, result.stderr);
});
