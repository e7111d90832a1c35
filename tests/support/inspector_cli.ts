/**
 * The program as a user runs it: from the sources, or, when XDP_INSPECTOR_BINARY names one, as the
 * compiled binary. The end-to-end tests are the same for both.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import {
  type BackgroundProcess,
  type ProcessOptions,
  type ProcessResult,
  run,
} from "./child_process.ts";
import type { NetnsEnd } from "./netns.ts";

/** Directory of the project. */
export const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** Limit for every program to be attached, milliseconds. */
const READY_LIMIT_MS = 60_000;
/** Limit for draining, writing and reporting after the end of the capture, milliseconds. */
const FINISH_LIMIT_MS = 60_000;

/** The compiled binary under test, or null when the sources are. */
export function binaryUnderTest(): string | null {
  return Deno.env.get("XDP_INSPECTOR_BINARY") || null;
}

/** The compiled binary, for tests of what only that can show. */
export function compiledProgram(): string {
  const path = binaryUnderTest();
  if (path === null) throw new Error("XDP_INSPECTOR_BINARY is not set");
  return path;
}

/**
 * Puts the compiled binary into the environment of a machine without Deno: no home, no PATH beyond the
 * system's, nothing of the test runner. What a test sets for the program stays.
 */
const SCRUBBED = [
  "env",
  ...["HOME", ...Object.keys(Deno.env.toObject())].filter((name) =>
    /^(HOME|XDG_\w+|DENO_\w+|NODE_\w+|npm_\w+|XDP_INSPECTOR_\w+|CI)$/.test(name)
  ).flatMap((name) => ["-u", name]),
  "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
];

/** The command line that runs the program with `args`. */
export function inspector(...args: string[]): string[] {
  return inspectorAt(null, ...args);
}

/** The same for a user with a home directory. */
export function inspectorAt(home: string | null, ...args: string[]): string[] {
  const binary = binaryUnderTest();
  const variables = home === null ? [] : [`HOME=${home}`];
  if (binary !== null) return [...SCRUBBED, ...variables, binary, ...args];
  const words = denoRun(join(PROJECT, "src", "main.ts"), ...args);
  return home === null ? words : ["env", ...variables, ...words];
}

/**
 * The command line that runs a script of the project with all permissions. What it imports must be in
 * the cache: in a namespace of the rig Deno's own questions to the registry would be traffic.
 */
export function denoRun(script: string, ...args: string[]): string[] {
  return [Deno.execPath(), "run", "-A", "--quiet", "--frozen", "--cached-only", script, ...args];
}

/** Runs the program outside of any namespace of the rig. For `stats`, which needs no network. */
export function runInspector(args: string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  return run(inspector(...args), options);
}

/**
 * `argv` as an ordinary user would run it: uid and gid of `nobody` and no capability but the one
 * that lets it read a checkout and caches in root's home directory.
 */
export function asNobody(argv: readonly string[]): string[] {
  const caps = "-all,+dac_override";
  return [
    // Without this bit access(2) forgets the capability of a user that is not root (capabilities(7)).
    ...["setpriv", "--securebits=+no_setuid_fixup"],
    ...["--reuid=65534", "--regid=65534", "--clear-groups"],
    ...[`--inh-caps=${caps}`, `--ambient-caps=${caps}`, `--bounding-set=${caps}`],
    ...argv,
  ];
}

/** The final report of `record --json`. */
export interface JsonReport {
  readonly output: string;
  readonly duration_seconds: number;
  readonly packets_seen: number;
  readonly packets_captured: number;
  readonly packets_dropped: number;
  readonly drops: Readonly<Record<string, number>>;
  readonly packets_sampled_out: number;
  readonly packets_filtered: number;
  readonly bytes_captured: number;
  readonly rows_written: number;
  readonly file_bytes: number;
  readonly sample_rate: number;
  readonly filter: string;
}

/** A `record` in the background whose programs are attached. */
export class Recording {
  readonly output: string;
  readonly process: BackgroundProcess;

  private constructor(output: string, process: BackgroundProcess) {
    this.output = output;
    this.process = process;
  }

  /**
   * Starts `record` on the interface of `end` and waits for its ready file.
   *
   * @param directory where the output goes, as `traffic.parquet`
   * @param args more flags; `-i`, `-o` and `--ready-file` are given already. Without a duration among them it
   * goes on until the test ends it, however slow the machine is.
   * @param program the command line of the program, or of what stands in for it
   */
  static async start(
    end: NetnsEnd,
    directory: string,
    args: readonly string[],
    options: ProcessOptions = {},
    program: readonly string[] = inspector(),
  ): Promise<Recording> {
    const output = join(directory, "traffic.parquet");
    const ready = join(directory, `ready-${crypto.randomUUID()}`);
    const duration = args.some((arg) => arg === "-d" || arg === "--duration") ? [] : ["-d", "0"];
    const flags = ["-i", end.interface, "-o", output, "--ready-file", ready, ...duration, ...args];
    const process = end.start([...program, "record", ...flags], options);
    await process.until("the ready file", READY_LIMIT_MS, () => exists(ready));
    return new Recording(output, process);
  }

  /** Ends the recording as Ctrl-C does and returns what it printed. */
  stop(signal: Deno.Signal = "SIGINT"): Promise<ProcessResult> {
    this.process.signal(signal);
    return this.process.end(FINISH_LIMIT_MS);
  }

  /**
   * Ends a recording that was started with `--json`.
   *
   * @throws {Error} if it does not end with exit code 0 and one JSON object on standard output
   */
  async stopWithReport(): Promise<JsonReport> {
    return reportOf(await this.stop());
  }
}

/** The JSON report of a `record --json` that has ended well. */
export function reportOf(result: ProcessResult): JsonReport {
  if (result.code !== 0) throw new Error(`record ended with ${result.code}\n${result.stderr}`);
  return JSON.parse(result.stdout);
}

/** Whether there is something at `path`. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
