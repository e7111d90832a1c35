/**
 * Child processes of the tests: run to the end and look at the result, or keep in the background,
 * talk to, and be sure that none outlives its test.
 *
 * @module
 */
import { waitFor, within } from "./deadline.ts";

/** Limit for a command that has no reason to take long, milliseconds. */
const COMMAND_LIMIT_MS = 120_000;

export interface ProcessOptions {
  readonly cwd?: string;
  /** Added to this process's environment; with `clearEnv` it is the whole environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly clearEnv?: boolean;
  /** Milliseconds until the process is killed. Only for {@linkcode run}. */
  readonly limitMs?: number;
}

export interface ProcessResult {
  /** Exit code; 128 + number when a signal ended the process. */
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Quotes a command line for a message. */
export function shown(argv: readonly string[]): string {
  return argv.map((word) => /^[\w./:=@,+-]+$/.test(word) ? word : `'${word}'`).join(" ");
}

/** A child process in the background. Dispose it: it is then killed (if it still runs) and reaped. */
export class BackgroundProcess implements AsyncDisposable {
  readonly argv: readonly string[];
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  readonly #readers: Promise<unknown>;
  readonly #ended: Promise<Deno.CommandStatus>;
  #stdout = "";
  #stderr = "";
  #status: Deno.CommandStatus | null = null;

  private constructor(argv: readonly string[], child: Deno.ChildProcess) {
    this.argv = argv;
    this.pid = child.pid;
    this.#child = child;
    this.#readers = Promise.all([
      collect(child.stdout, (text) => this.#stdout += text),
      collect(child.stderr, (text) => this.#stderr += text),
    ]);
    this.#ended = child.status.then((status) => this.#status = status);
  }

  /** Starts `argv`. Standard input is empty, the other streams are kept as text. */
  static start(argv: readonly string[], options: ProcessOptions = {}): BackgroundProcess {
    const [program, ...args] = argv;
    if (program === undefined) throw new TypeError("Cannot start a process: empty command");
    const child = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
      clearEnv: options.clearEnv ?? false,
    }).spawn();
    return new BackgroundProcess(argv, child);
  }

  /** What the process has written to standard output so far. */
  get stdout(): string {
    return this.#stdout;
  }

  /** What the process has written to standard error so far. */
  get stderr(): string {
    return this.#stderr;
  }

  get running(): boolean {
    return this.#status === null;
  }

  /** Sends `signal`; does nothing when the process has ended. */
  signal(signal: Deno.Signal): void {
    if (!this.running) return;
    try {
      this.#child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /**
   * Waits until `fact` holds while the process runs.
   *
   * @throws {Error} when the process ends first or the limit passes; with all it has written
   */
  async until<T>(
    what: string,
    limitMs: number,
    fact: (process: this) => T | undefined | false,
  ): Promise<T> {
    try {
      return await waitFor(what, limitMs, async () => {
        const ended = !this.running;
        if (ended) await this.#readers;
        const answer = fact(this);
        if (answer !== undefined && answer !== false) return answer;
        if (ended) throw new Error(`Process ended with ${this.#status?.code}`);
        return undefined;
      });
    } catch (error) {
      throw new Error(
        `Cannot see ${what} of "${shown(this.argv)}": ${(error as Error).message}\n` +
          `--- stdout\n${this.#stdout}--- stderr\n${this.#stderr}`,
        { cause: error },
      );
    }
  }

  /** Waits for the end of the process and of its output; kills it when `limitMs` has passed. */
  async end(limitMs: number = COMMAND_LIMIT_MS): Promise<ProcessResult> {
    const status = await within(
      `the end of "${shown(this.argv)}"`,
      limitMs,
      this.#ended,
      () => this.signal("SIGKILL"),
    );
    await this.#readers;
    return {
      code: status.code,
      signal: status.signal,
      stdout: this.#stdout,
      stderr: this.#stderr,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    await this.#ended;
    await this.#readers;
  }
}

/** Runs `argv` to its end and returns the result whatever the exit code. */
export async function run(
  argv: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessResult> {
  await using process = BackgroundProcess.start(argv, options);
  return await process.end(options.limitMs ?? COMMAND_LIMIT_MS);
}

/**
 * Runs `argv` and expects exit code 0.
 *
 * @returns standard output
 * @throws {Error} with the command and all it wrote
 */
export async function check(
  argv: readonly string[],
  options: ProcessOptions = {},
): Promise<string> {
  const result = await run(argv, options);
  if (result.code !== 0) {
    throw new Error(
      `Cannot run "${shown(argv)}": exit code ${result.code}\n${result.stdout}${result.stderr}`,
    );
  }
  return result.stdout;
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  take: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of stream) take(decoder.decode(bytes, { stream: true }));
  take(decoder.decode());
}
