/**
 * A program at whose prompt a test types: on a pseudo terminal of script(1).
 *
 * @module
 */
import { waitFor, within } from "./deadline.ts";
import { onTerminal } from "./pseudo_terminal.ts";

const LIMIT_MS = 60_000;

/** Keys that are no letters, as a terminal sends them. */
export const KEY = {
  enter: "\r",
  tab: "\t",
  ctrlC: "\x03",
  ctrlD: "\x04",
  up: "\x1b[A",
} as const;

/** Killed when it is disposed, if it still runs. */
export class PromptSession implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: Promise<void>;
  #screen = "";
  /** Where {@linkcode seen} begins to look. */
  #from = 0;
  #hasEnded = false;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#keys = child.stdin.getWriter();
    this.#reader = (async () => {
      const decoder = new TextDecoder();
      for await (const bytes of child.stdout) {
        this.#screen += decoder.decode(bytes, { stream: true });
      }
      this.#hasEnded = true;
    })();
  }

  /** @param env added to this process's environment */
  static start(argv: readonly string[], env: Readonly<Record<string, string>>): PromptSession {
    const [program, ...args] = onTerminal(argv);
    const options = {
      args,
      env: { ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    } as const;
    return new PromptSession(new Deno.Command(program!, options).spawn());
  }

  /** What was written to the terminal since the last time that something was typed. */
  get seen(): string {
    return this.#screen.slice(this.#from);
  }

  /** Types, as a user does. */
  async type(keys: string): Promise<void> {
    this.#from = this.#screen.length;
    await this.#keys.write(new TextEncoder().encode(keys));
  }

  /** Waits until the terminal shows `pattern`; returns what it shows since the last keys. */
  async until(pattern: RegExp): Promise<string> {
    try {
      return await waitFor(`${pattern}`, LIMIT_MS, () => {
        if (pattern.test(this.seen)) return this.seen;
        if (this.#hasEnded) throw new Error("the program has ended");
        return undefined;
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}; it shows ${JSON.stringify(this.#screen)}`, {
        cause: error,
      });
    }
  }

  /** Waits for the end of the program; returns its exit code. */
  async end(): Promise<number> {
    const { code } = await within("the end of the program", LIMIT_MS, this.#child.status, () => {
      this.#child.kill("SIGKILL");
    });
    await this.#reader;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#keys.close().catch(() => {});
    await this.#child.status;
    await this.#reader;
  }
}
