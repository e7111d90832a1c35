/**
 * Builds `bpf/inspector.bpf.o` and `bpf/parser.wasm`: `deno task bpf`.
 *
 * Both are committed, so that the program builds and runs where there is no compiler. They are the
 * same, byte for byte, from any directory: paths in them are relative, and the debug information that
 * nobody uses is taken out. Another compiler makes something else, so the version is pinned.
 *
 * @module
 */
import { join } from "node:path";

import { InspectorError, RunError, UnsupportedError } from "../src/core/errors.ts";

/** Major version of clang, llvm-strip and wasm-ld: the one of Debian 12. */
export const CLANG_MAJOR = 14;

/** Debian packages that the build needs. */
const PACKAGES = [
  `clang-${CLANG_MAJOR}`,
  `llvm-${CLANG_MAJOR}`,
  `lld-${CLANG_MAJOR}`,
  "libbpf-dev",
  "linux-libc-dev",
];

/** Root of the project, from which clang runs and against which paths in the object are relative. */
const ROOT = join(import.meta.dirname!, "..");

/** Something that is built, and committed. */
export interface Artefact {
  /** Path below the root. */
  readonly path: string;
  /** Compiles it to `output`. Throws as {@linkcode buildObject} and {@linkcode buildParser} do. */
  build(output: string): Promise<void>;
}

/** The programs for the kernel. */
export const OBJECT: Artefact = { path: "bpf/inspector.bpf.o", build: buildObject };

/** The parser for packet files. */
export const PARSER: Artefact = { path: "bpf/parser.wasm", build: buildParser };

/** All that is built. */
export const ARTEFACTS: readonly Artefact[] = [OBJECT, PARSER];

/** Where the committed file of an artefact is. */
export function committedPath({ path }: Artefact): string {
  return join(ROOT, path);
}

/** Paths below the root: that of the programs is part of the object. */
const SOURCE = "bpf/inspector.bpf.c";
const PARSER_SOURCE = "bpf/parser.c";

const WARNINGS = ["-Wall", "-Wextra", "-Werror"];

const COMPILER_FLAGS = [
  "-O2",
  "-g", // BTF: types of the maps and of the record, and source lines for the verifier's log
  ...WARNINGS,
  "-target",
  "bpf",
  "-mcpu=v3", // 32-bit registers and atomics with a result: Linux 5.12
  "-fno-strict-aliasing", // the record is cleared, and addresses are copied, as words
  "-fno-jump-tables", // they would land in .rodata, which is the configuration and nothing else
  `-ffile-prefix-map=${ROOT}=.`,
  "-fdebug-compilation-dir=.",
];

const PARSER_FLAGS = [
  "-O2",
  ...WARNINGS,
  "--target=wasm32",
  "-mbulk-memory", // records are cleared by one instruction
  "-nostdlib",
  "-fno-strict-aliasing", // as the programs
  "-Wl,--no-entry,--strip-all,--export=__heap_base",
];

/**
 * Compiles the BPF programs to `output`.
 *
 * @throws {UnsupportedError} if a tool is missing or has another major version than the pinned one
 * @throws {RunError} if the compiler refuses the source
 */
export async function buildObject(output: string): Promise<void> {
  const clang = await findTool("clang");
  const strip = await findTool("llvm-strip");
  await run(clang, [...COMPILER_FLAGS, `-I${kernelHeaders()}`, "-c", SOURCE, "-o", output]);
  await run(strip, ["-g", output]);
}

/**
 * Compiles the parser for packet files to `output`. Throws as {@linkcode buildObject} does.
 */
export async function buildParser(output: string): Promise<void> {
  const clang = await findTool("clang");
  await findTool("wasm-ld"); // clang runs it
  const headers = ["/usr/include", kernelHeaders()].flatMap((path) => ["-isystem", path]);
  await run(clang, [...PARSER_FLAGS, ...headers, PARSER_SOURCE, "-o", output]);
  await Deno.chmod(output, 0o644); // the linker takes it for a program
}

/** Where Debian puts `asm/`: clang has no such directory for the target `bpf`. */
function kernelHeaders(): string {
  return `/usr/include/${Deno.build.arch}-linux-gnu`;
}

/** Name of an installed `tool` of the pinned major version. */
async function findTool(tool: string): Promise<string> {
  for (const name of [`${tool}-${CLANG_MAJOR}`, tool]) {
    const major = await majorVersion(name);
    if (major === undefined) continue;
    if (major === CLANG_MAJOR) return name;
    throw new UnsupportedError(
      `Cannot build with "${name}": it is version ${major}, not ${CLANG_MAJOR}`,
      { hint: `Install the pinned version: apt install ${PACKAGES.join(" ")}` },
    );
  }
  throw new UnsupportedError(
    `Cannot build: no "${tool}-${CLANG_MAJOR}" is installed`,
    {
      hint: `Install it: apt install ${PACKAGES.join(" ")}`,
    },
  );
}

/** Major version that `name --version` tells; undefined if there is no such program. */
async function majorVersion(name: string): Promise<number | undefined> {
  try {
    const { stdout } = await new Deno.Command(name, { args: ["--version"] }).output();
    return Number(/(?:version|LLD) (\d+)\./.exec(new TextDecoder().decode(stdout))?.[1]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function run(tool: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(tool, {
    args: [...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
  }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim();
  const missing = /fatal error: '(.+)' file not found/.exec(said)?.[1];
  throw new RunError(
    `Cannot build: ${tool} failed:\n${said}`,
    missing === undefined
      ? {}
      : { hint: `Install the headers of "${missing}": apt install ${PACKAGES.join(" ")}` },
  );
}

/** Writes the message and the next step to stderr; the exit code is that of the error. */
export function reportFailure(error: unknown): void {
  if (!(error instanceof InspectorError)) throw error;
  const hint = error.hint === undefined ? "" : `  ${error.hint}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}\n${hint}`));
  Deno.exitCode = error.exitCode;
}

if (import.meta.main) {
  try {
    for (const artefact of ARTEFACTS) await artefact.build(committedPath(artefact));
  } catch (error) {
    reportFailure(error);
  }
}
