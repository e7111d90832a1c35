/** What other users leave lying about for root to run: the compiled program runs none of it. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { dirname, join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { type ProcessResult, run } from "../support/child_process.ts";
import { compiledProgram, PROJECT } from "../support/inspector_cli.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const RECORDING = join(PROJECT, "tests", "testdata", "lossy.parquet");
const NAME = "xdp-inspector";
const PLANTED = "planted code runs";
/** A native addon or library that nobody could load: the attempt shows in the error. */
const NOT_ELF = "planted library";

/** Every file below `directory` with its content, as one text each, sorted. */
function contents(directory: string): string[] {
  return [...Deno.readDirSync(directory)].flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory) return [`${path}/`, ...contents(path)];
    return [`${path}: ${Deno.readTextFileSync(path)}`];
  }).sort();
}

function plant(path: string, text: string): void {
  Deno.mkdirSync(dirname(path), { recursive: true });
  Deno.writeTextFileSync(path, text);
}

/** Packages of the program's names, and one that a package.json gives out for each of them. */
function plantPackages(directory: string): void {
  const packages = Object.entries(config.imports).map(([name, specifier]) => ({ name, specifier }));
  const names = [
    ...packages.map(({ name }) => name),
    "detect-libc",
    "@duckdb/node-bindings-linux-x64",
  ];
  const dependencies: Record<string, string> = {};
  packages.forEach(({ specifier }, index) => dependencies[`alias${index}`] = specifier);
  for (const name of [...names, ...Object.keys(dependencies)]) {
    const at = join(directory, "node_modules", name);
    const version = dependencies[name]?.split("@").at(-1) ?? "1.0.0";
    plant(join(at, "package.json"), JSON.stringify({ name, version, main: "index.js" }));
    plant(join(at, "index.js"), `console.log("${PLANTED}");`);
    plant(join(at, "duckdb.node"), NOT_ELF);
  }
  plant(join(directory, "package.json"), JSON.stringify({ name: "planted", dependencies }));
}

/** Runs `stats` in a program named {@linkcode NAME}, with TMPDIR and HOME in `directory`. */
function stats(program: string, directory: string): Promise<ProcessResult> {
  const env = { PATH: "/usr/sbin:/usr/bin", TMPDIR: directory, HOME: directory };
  const argv = [program, "stats", "-f", RECORDING, "--format", "csv"];
  return run(argv, { clearEnv: true, env, cwd: directory });
}

function copyTo(directory: TempDirectory): string {
  const program = directory.file(NAME);
  Deno.copyFileSync(compiledProgram(), program);
  Deno.chmodSync(program, 0o755);
  return program;
}

Deno.test("the binary loads no package from beside or above its place in TMPDIR", async () => {
  using home = TempDirectory.create();
  using directory = TempDirectory.create();
  plantPackages(directory.path);
  const before = contents(directory.path);
  const result = await stats(copyTo(home), directory.path);
  equal(result.code, 0, result.stderr);
  ok(!result.stdout.includes(PLANTED) && !result.stderr.includes(PLANTED), result.stdout);
  deepEqual(contents(directory.path), before);
});

Deno.test("the binary reads nothing at the place in TMPDIR where it claims to lie", async () => {
  using home = TempDirectory.create();
  using directory = TempDirectory.create();
  const place = directory.file(`deno-compile-${NAME}`);
  plant(join(place, "src", "main.ts"), `console.log("${PLANTED}");`);
  plant(join(place, "native", "libduckdb.so"), NOT_ELF);
  plant(join(place, "native", "manifest.json"), '{"files":[]}');
  plantPackages(place);
  const before = contents(directory.path);
  const result = await stats(copyTo(home), directory.path);
  equal(result.code, 0, result.stderr);
  ok(!result.stdout.includes(PLANTED), result.stdout);
  deepEqual(contents(directory.path), before);
});

Deno.test("the binary keeps no compiled code and no library where others find it", async () => {
  using home = TempDirectory.create();
  using directory = TempDirectory.create();
  plant(directory.file(`deno-compile-${NAME}.cache`), NOT_ELF);
  Deno.mkdirSync(directory.file("deno-native-addons"), { mode: 0o777 });
  Deno.mkdirSync(directory.file(`.${NAME}`), { mode: 0o777 });
  const before = contents(directory.path);
  const program = copyTo(home);
  for (let start = 0; start < 2; start++) {
    const result = await stats(program, directory.path);
    equal(result.code, 0, result.stderr);
  }
  deepEqual(contents(directory.path), before);
  deepEqual(home.list(), [NAME]);
});

Deno.test("the binary loads no library from the working directory", async () => {
  using home = TempDirectory.create();
  using directory = TempDirectory.create();
  for (const name of ["libbpf.so.1", "libelf.so.1", "libz.so.1", "libduckdb.so", "duckdb.node"]) {
    plant(directory.file(name), NOT_ELF);
    plant(directory.file(join("native", name)), NOT_ELF);
  }
  const program = copyTo(home);
  equal((await stats(program, directory.path)).code, 0);
  const version = await run([program, "--version"], { cwd: directory.path, clearEnv: true });
  match(version.stdout, /^libbpf 1\.\d+$/m);
});

Deno.test("the binary with capabilities of its own takes no library from its user", async () => {
  using home = TempDirectory.create();
  const program = copyTo(home);
  Deno.chmodSync(home.path, 0o755);
  const planted = home.file("libbpf.so.1");
  plant(planted, NOT_ELF);
  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program];
  const options = {
    clearEnv: true,
    env: { PATH: "/usr/sbin:/usr/bin", XDP_INSPECTOR_LIBBPF: planted },
  };
  const plain = await run([...nobody, "--version"], options);
  match(plain.stdout, /^libbpf not found$/m, plain.stderr);
  equal((await run(["setcap", "cap_net_admin+ep", program])).code, 0);
  const capable = await run([...nobody, "--version"], options);
  match(capable.stdout, /^libbpf 1\.\d+$/m, capable.stderr);
});
