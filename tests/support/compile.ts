/**
 * The task `build`: compiles the program into one self-contained file, dist/xdp-inspector.
 *
 * The build happens in a directory of its own, which holds what the program needs at run time and
 * nothing else: not the packages of the tests, and of DuckDB only the build for the GNU C library,
 * which is the one Deno itself runs on. `--self-extracting`, because DuckDB's addon finds its shared
 * library only in a real directory (denoland/deno#29203).
 *
 *     deno run -A tests/support/compile.ts [output]
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { check } from "./child_process.ts";
import { PROJECT } from "./inspector_cli.ts";
import { complain, say } from "./print.ts";
import { TempDirectory } from "./temp_directory.ts";

const ENTRY = "src/main.ts";

/** Loaded by name while the program runs: the compiler does not see them by itself. */
const WORKERS = ["src/capture/drain_worker.ts", "src/store/writer_worker.ts"];
const BPF_OBJECT = "bpf/inspector.bpf.o";

const COMPILE_LIMIT_MS = 600_000;

interface Configuration {
  imports: Record<string, string>;
  lock: unknown;
  [key: string]: unknown;
}

/** Compiles into `output` and returns its size in bytes. */
async function compile(output: string): Promise<number> {
  using stage = TempDirectory.create();
  copySources(stage.path);
  await writeConfiguration(stage.path);
  await deno(stage.path, "install", "--quiet");
  dropForeignLibraries(join(stage.path, "node_modules", ".deno"));

  Deno.mkdirSync(dirname(output), { recursive: true });
  const included = [...WORKERS, BPF_OBJECT].flatMap((path) => ["--include", path]);
  // Types are the business of "deno task ok"; here they would need the packages left out above.
  const flags = ["-A", "--no-check", "--self-extracting", ...included, "-o", output];
  await deno(stage.path, "compile", ...flags, ENTRY);
  return Deno.statSync(output).size;
}

/** The sources that are compiled, and the lock file, so that no version is chosen anew. */
function copySources(stage: string): void {
  for (const path of ["deno.lock", BPF_OBJECT, ...sources("src"), ...sources("ffi")]) {
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

/** The project's configuration with only the packages that the program imports. */
async function writeConfiguration(stage: string): Promise<void> {
  const configuration: Configuration = JSON.parse(
    Deno.readTextFileSync(join(PROJECT, "deno.json")),
  );
  const used = new Set<string>();
  for (const root of [ENTRY, ...WORKERS]) {
    for (const specifier of await packagesOf(root)) used.add(specifier);
  }
  configuration.imports = Object.fromEntries(
    Object.entries(configuration.imports).filter(([, specifier]) => used.has(specifier)),
  );
  // The lock file loses the packages that are left out here; those that stay keep their versions.
  configuration.lock = { path: "./deno.lock", frozen: false };
  configuration.nodeModulesDir = "manual";
  Deno.writeTextFileSync(join(stage, "deno.json"), JSON.stringify(configuration));
}

/** npm specifiers that `root` and all it imports ask for, as in the import map. */
async function packagesOf(root: string): Promise<string[]> {
  const graph = JSON.parse(await deno(PROJECT, "info", "--json", root)) as {
    modules: { specifier: string; npmPackage?: string }[];
  };
  return graph.modules.map((module) => module.specifier.replace(/^npm:\//, "npm:"))
    .filter((specifier) => specifier.startsWith("npm:"));
}

/** Empties packages with native code for another C library; the compiler embeds what is there. */
function dropForeignLibraries(packages: string): void {
  for (const { name } of Deno.readDirSync(packages)) {
    if (/-musl@/.test(name)) Deno.removeSync(join(packages, name), { recursive: true });
  }
}

function deno(cwd: string, ...args: string[]): Promise<string> {
  return check([Deno.execPath(), ...args], { cwd, limitMs: COMPILE_LIMIT_MS });
}

if (import.meta.main) {
  const output = resolve(Deno.args[0] ?? join(PROJECT, "dist", "xdp-inspector"));
  try {
    const bytes = await compile(output);
    say(`${basename(output)}: ${(bytes / 1e6).toFixed(0)} MB, ${output}`);
  } catch (error) {
    complain((error as Error).message);
    Deno.exit(1);
  }
}
