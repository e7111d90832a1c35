/**
 * A real terminal: tmux(1), to which keys are sent and whose screen can be read.
 *
 * @module
 */
import { join } from "node:path";
import { check, shown } from "./child_process.ts";
import { waitFor } from "./deadline.ts";
import { TempDirectory } from "./temp_directory.ts";

/** Limit for the screen to show something, milliseconds. */
const LIMIT_MS = 60_000;

/** One terminal with a shell in it. */
export class Tmux implements AsyncDisposable {
  readonly #directory = TempDirectory.create();
  readonly #socket = join(this.#directory.path, "tmux");

  private constructor() {}

  /** Starts a shell on a terminal of this size. */
  static async start(columns: number, rows: number): Promise<Tmux> {
    const tmux = new Tmux();
    const size = ["-x", String(columns), "-y", String(rows)];
    await tmux.#run(["new-session", "-d", ...size, "env PS1='$ ' sh"]);
    await tmux.until("a prompt", (screen) => screen.includes("$"));
    return tmux;
  }

  /** Types a command line, and Enter. */
  async command(argv: readonly string[]): Promise<void> {
    await this.#run(["send-keys", "-l", shown(argv)]);
    await this.keys("Enter");
  }

  /** Sends keys by the names that tmux has for them. */
  async keys(...keys: readonly string[]): Promise<void> {
    await this.#run(["send-keys", ...keys]);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#run(["resize-window", "-x", String(columns), "-y", String(rows)]);
  }

  /** The lines of the screen. */
  async screen(): Promise<string> {
    return await this.#run(["capture-pane", "-p"]);
  }

  /** What the terminal was told: `alternate_on`, `cursor_flag`, `wrap_flag` and others of tmux(1). */
  async state(...names: readonly string[]): Promise<string> {
    const format = names.map((name) => `#{${name}}`).join(" ");
    return (await this.#run(["display-message", "-p", format])).trim();
  }

  /** Waits until the screen holds something. @returns the screen that does */
  async until(what: string, holds: (screen: string) => boolean): Promise<string> {
    let screen = "";
    try {
      await waitFor(what, LIMIT_MS, async () => {
        screen = await this.screen();
        return holds(screen);
      });
    } catch (error) {
      throw new Error(`Cannot see ${what} on the screen:\n${screen}`, { cause: error });
    }
    return screen;
  }

  #run(argv: readonly string[]): Promise<string> {
    return check(["tmux", "-S", this.#socket, "-f", "/dev/null", "-u", ...argv], {
      env: { LC_ALL: "C.UTF-8", TERM: "xterm" },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    using _directory = this.#directory;
    await this.#run(["kill-server"]);
  }
}
