/**
 * The task `build`: compiles the program into one self-contained file, dist/xdp-inspector. Beside it
 * come its bill of materials (`.cdx.json`) and the terms of its parts (`.notices.txt`).
 *
 *     deno run -A .ci/build/compile.ts [--target aarch64-unknown-linux-gnu] [output]
 *
 * The build happens in a directory of its own, which holds what the program needs at run time and
 * nothing else: not the packages of the tests. All native code is loaded by ffi/bundle/native_bundle.ts,
 * from behind the runtime (attached_files.ts): the system libraries, and DuckDB for the GNU C library of
 * the target, which is the one that Deno itself runs on.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { NativeFile, NativeManifest } from "../../ffi/bundle/native_bundle.ts";
import { attachFiles, checkAttached } from "./attached_files.ts";
import { type BuildTarget, buildTarget } from "./build_target.ts";
import { check } from "../../tests/support/child_process.ts";
import { DUCKDB_FILES, duckdbDirectory, duckdbPackage } from "./duckdb_package.ts";
import { PROJECT } from "../../tests/support/inspector_cli.ts";
import { joinFiles } from "./joined_package.ts";
import { systemLibraries } from "./native_libraries.ts";
import { complain, say } from "../../tests/support/print.ts";
import { billOfMaterials, type Contents, notices } from "./release_documents.ts";
import { stagedPackages } from "./staged_packages.ts";
import { TempDirectory } from "../../tests/support/temp_directory.ts";

const ENTRY = "src/main.ts";

/** Loaded by name while the program runs: the compiler does not see them by itself. */
const WORKERS = ["src/drain/drain_worker.ts", "src/sinks/writer_worker.ts"];
const BPF_FILES = ["bpf/inspector.bpf.o", "bpf/parser.wasm"];
const NATIVE = "native";

/**
 * Names all packages, so that Deno finds each of them here. Otherwise it goes on to look for a
 * package.json above the directory that the program claims to lie in, `TMPDIR/deno-compile-<name>`,
 * and runs the package that somebody else has put there.
 */
const PACKAGE_JSON = "package.json";

/** DuckDB's native code for one kind of machine. */
const NATIVE_PACKAGE = /^@duckdb\/node-bindings-/;

const COMPILE_LIMIT_MS = 600_000;

interface Configuration {
  version: string;
  imports: Record<string, string>;
  lock: unknown;
  [key: string]: unknown;
}

/** Compiles for `target` into `output` and returns its size in bytes. */
async function compile(target: BuildTarget, output: string): Promise<number> {
  using stage = TempDirectory.create();
  using scratch = TempDirectory.create();
  copySources(stage.path);
  const { version, dependencies } = await writeConfiguration(stage.path);
  await deno(stage.path, "install", "--quiet");
  await joinFiles(stage.path, "@duckdb/node-api");
  const { documents, files } = await gatherNative(target, stage.path, scratch.path, version);
  const { runtime, placed } = placeNative(stage.path, scratch.path, files);
  dropUnused(join(stage.path, "node_modules"));
  const manifest = { private: true, type: "module", dependencies };
  Deno.writeTextFileSync(join(stage.path, PACKAGE_JSON), JSON.stringify(manifest));

  Deno.mkdirSync(dirname(output), { recursive: true });
  const included = [...WORKERS, ...BPF_FILES, NATIVE, PACKAGE_JSON]
    .flatMap((path) => ["--include", path]);
  // Types are the business of "deno task ok"; here they would need the packages left out above. The
  // code cache would be a file in TMPDIR with a name that others can guess, from which code is run.
  // Pages import their texts (src/render/page/page.ts), which releases before Deno 2.8 allow by a flag only.
  const flags = ["-A", "--no-check", "--no-code-cache", "--unstable-raw-imports"];
  flags.push("--target", target.triple, ...included);
  try {
    const command = [Deno.execPath(), "compile", ...flags, "-o", output, ENTRY];
    await check(command, { cwd: stage.path, limitMs: COMPILE_LIMIT_MS, env: runtime });
  } catch (error) {
    throw new Error(compileFailure((error as Error).message, target.triple));
  }
  checkAttached(output, placed);
  Deno.writeTextFileSync(`${output}.cdx.json`, documents.materials);
  Deno.writeTextFileSync(`${output}.notices.txt`, documents.notices);
  return Deno.statSync(output).size;
}

/** The usual reason in one line: `deno compile` gets its runtime from a site, in several steps of which each can fail. */
export function compileFailure(message: string, triple: string): string {
  if (!message.includes("Setting up base binary")) return message;
  return `Cannot download the runtime of compiled programs, denort ${Deno.version.deno} for ${triple}: ` +
    "name a copy of it with the environment variable DENORT_BIN";
}

/** The sources that are compiled, and the lock file, so that no version is chosen anew. */
function copySources(stage: string): void {
  for (const path of ["deno.lock", ...BPF_FILES, ...sources("src"), ...sources("ffi")]) {
    Deno.mkdirSync(join(stage, dirname(path)), { recursive: true });
    Deno.copyFileSync(join(PROJECT, path), join(stage, path));
  }
}

function sources(directory: string): string[] {
  return [...Deno.readDirSync(join(PROJECT, directory))].flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    return entry.isDirectory ? sources(path) : [path];
  });
}

/**
 * The project's configuration with only the packages that the program imports.
 *
 * @returns the program's version, and the version of each package by its name
 */
async function writeConfiguration(
  stage: string,
): Promise<{ version: string; dependencies: Record<string, string> }> {
  const configuration: Configuration = JSON.parse(
    Deno.readTextFileSync(join(PROJECT, "deno.json")),
  );
  const used = new Set<string>();
  for (const root of [ENTRY, ...WORKERS]) {
    for (const specifier of await packagesOf(root)) used.add(specifier);
  }
  configuration.imports = Object.fromEntries(
    Object.entries(configuration.imports).filter(([, specifier]) =>
      // A module inside a package is asked for by the package's name and its path.
      [...used].some((one) => one === specifier || one.startsWith(`${specifier}/`))
    ),
  );
  // The lock file loses the packages that are left out here; those that stay keep their versions.
  configuration.lock = { path: "./deno.lock", frozen: false };
  configuration.nodeModulesDir = "manual";
  Deno.writeTextFileSync(join(stage, "deno.json"), JSON.stringify(configuration));
  const dependencies = Object.values(configuration.imports)
    .map((specifier) => splitSpecifier(specifier.slice("npm:".length)));
  return { version: configuration.version, dependencies: Object.fromEntries(dependencies) };
}

/** npm specifiers that `root` and all it imports ask for, as in the import map. */
async function packagesOf(root: string): Promise<string[]> {
  const graph = JSON.parse(await deno(PROJECT, "info", "--json", root)) as {
    modules: { specifier: string; npmPackage?: string }[];
  };
  return graph.modules.map((module) => module.specifier.replace(/^npm:\//, "npm:"))
    .filter((specifier) => specifier.startsWith("npm:"));
}

/**
 * Fills `native/` and takes DuckDB's native code out of the packages.
 *
 * @returns the files there, and the texts that go with the binary
 */
async function gatherNative(
  target: BuildTarget,
  stage: string,
  scratch: string,
  version: string,
): Promise<{ files: NativeFile[]; documents: { materials: string; notices: string } }> {
  const native = join(stage, NATIVE);
  Deno.mkdirSync(native);
  const specifier = duckdbPackage(target, stage);
  const integrity = lockedIntegrity(stage, specifier);
  const duckdb = await duckdbDirectory(target, stage, scratch, integrity);
  const libraries = await systemLibraries(target, scratch);
  const files = [
    ...libraries.map(({ soname, file }) => [soname, file] as const),
    ...DUCKDB_FILES.map((name) => [name, join(duckdb, name)] as const),
  ].map(([name, from]) => copyNative(name, from, native));
  const [name, duckdbVersion] = splitSpecifier(specifier);
  // "deno install" installs what this machine needs, and the build for another C library with it.
  const packages = stagedPackages(stage).filter((one) => !NATIVE_PACKAGE.test(one.name));
  packages.push({
    name,
    version: duckdbVersion,
    license: JSON.parse(Deno.readTextFileSync(join(duckdb, "package.json"))).license ?? "",
    integrity,
    directory: duckdb,
  });
  const contents: Contents = {
    version,
    target,
    denoVersion: Deno.version.deno,
    packages,
    libraries,
    hashes: new Map(files.map(({ name, sha256 }) => [name, sha256])),
  };
  const documents = { materials: billOfMaterials(contents), notices: notices(contents) };
  leaveOnlyTheName(stage, specifier);
  return { files, documents };
}

/**
 * Moves the files of `native/` behind the runtime, if it is at hand (`DENORT_BIN`). If `deno compile` is to
 * download it they stay, and are included. `native/manifest.json` says where they are.
 *
 * @returns the environment that names the runtime, and the files with their places
 */
function placeNative(
  stage: string,
  scratch: string,
  files: readonly NativeFile[],
): { runtime: Record<string, string>; placed: readonly NativeFile[] } {
  const native = join(stage, NATIVE);
  const denort = Deno.env.get("DENORT_BIN");
  let placed = files;
  const runtime: Record<string, string> = {};
  if (denort) {
    runtime.DENORT_BIN = join(scratch, "denort");
    placed = attachFiles(denort, native, files, runtime.DENORT_BIN);
    for (const { name } of files) Deno.removeSync(join(native, name));
  }
  const manifest: NativeManifest = { files: placed };
  Deno.writeTextFileSync(join(native, "manifest.json"), JSON.stringify(manifest));
  return { runtime, placed };
}

function copyNative(name: string, from: string, native: string): NativeFile {
  const bytes = Deno.readFileSync(from);
  Deno.writeFileSync(join(native, name), bytes);
  return { name, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function lockedIntegrity(stage: string, specifier: string): string {
  const lock = JSON.parse(Deno.readTextFileSync(join(stage, "deno.lock")));
  return lock.npm[specifier]?.integrity ?? "";
}

/**
 * Replaces DuckDB's packages of native code by one with an empty addon. Node's module system wants to
 * find a file; what is loaded in its place is the business of ffi/duckdb/duckdb_addon.ts, and without that
 * nothing is: an empty file is not loaded from anywhere.
 */
function leaveOnlyTheName(stage: string, specifier: string): void {
  const root = join(stage, "node_modules", ".deno");
  for (const { name } of Deno.readDirSync(root)) {
    if (/^@duckdb\+node-bindings-/.test(name)) {
      Deno.removeSync(join(root, name), { recursive: true });
    }
  }
  const bindings = [...Deno.readDirSync(root)].map((entry) => entry.name)
    .find((name) => name.startsWith("@duckdb+node-bindings@"));
  if (bindings === undefined) throw new Error('Cannot find "@duckdb/node-bindings" in the build');
  const beside = join(root, bindings, "node_modules", "@duckdb");
  for (const directory of [beside, join(root, "node_modules", "@duckdb")]) {
    for (const entry of Deno.readDirSync(directory)) {
      // Links to the directories removed above.
      if (entry.isSymlink && /^node-bindings-/.test(entry.name)) {
        Deno.removeSync(join(directory, entry.name));
      }
    }
  }
  const [name, version] = splitSpecifier(specifier);
  const directory = join(beside, basename(name));
  Deno.mkdirSync(directory);
  Deno.writeTextFileSync(join(directory, "package.json"), JSON.stringify({ name, version }));
  Deno.writeTextFileSync(join(directory, "duckdb.node"), "");
}

/** Removes what packages bring for those who write programs: types, source maps, descriptions. */
function dropUnused(directory: string): void {
  for (const entry of Deno.readDirSync(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory) dropUnused(path);
    else if (entry.isFile && /\.([cm]?ts|map|md)$/.test(entry.name)) Deno.removeSync(path);
  }
}

/** `"@scope/name@1.2.3"` as name and version. */
function splitSpecifier(specifier: string): [name: string, version: string] {
  const at = specifier.lastIndexOf("@");
  return [specifier.slice(0, at), specifier.slice(at + 1)];
}

function deno(cwd: string, ...args: string[]): Promise<string> {
  return check([Deno.execPath(), ...args], { cwd, limitMs: COMPILE_LIMIT_MS });
}

if (import.meta.main) {
  try {
    const { values, positionals } = parseArgs({
      args: Deno.args,
      options: { target: { type: "string", default: Deno.build.target } },
      allowPositionals: true,
    });
    const output = resolve(positionals[0] ?? join(PROJECT, "dist", "xdp-inspector"));
    const bytes = await compile(buildTarget(values.target), output);
    say(`${basename(output)}: ${(bytes / 1e6).toFixed(0)} MB, ${output}`);
  } catch (error) {
    complain((error as Error).message);
    Deno.exit(1);
  }
}
