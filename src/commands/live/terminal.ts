/**
 * The whole screen of a terminal: taken, drawn, and given back on every way out. The control sequences are
 * those that all terminals of today know: ECMA-48, and xterm's ctlseqs for the private modes.
 *
 * @module
 */
import { Notices } from "../../core/notices.ts";
import { type Key, keysOf } from "./keys.ts";

/** The other screen, no cursor, no new line behind the last column. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
/** Before the line: behind its last column it would take that away. */
const ERASE_LINE = "\x1b[2K";

/** Larger ones show no more: so a screen always fits into what may wait for the terminal. */
const MAX_COLUMNS = 250;
const MAX_ROWS = 120;

/** Size of a terminal that does not tell. */
const DEFAULT_SIZE = { columns: 80, rows: 24 } as const;

/**
 * Waits for the end of its input, which is the end of this process, even by SIGKILL; without the word
 * before, it puts the terminal back. Its own input is a pipe, so stty(1) gets standard output as 3,
 * since 1 is another pipe where its answer is read.
 */
const GUARD = `trap '' INT TERM HUP QUIT TTOU TSTP
exec 3<&1
old=$(stty -g <&3 2>/dev/null)
echo ready >&2
read -r word && exit
stty "$old" <&3
printf '${LEAVE.replaceAll("\x1b", "\\033")}'`;

/** One terminal. */
export class Terminal implements AsyncDisposable {
  readonly #output = new Notices(Deno.stdout);
  readonly #resources = new DisposableStack();
  #guard: Deno.ChildProcess | undefined;
  #isOpen = false;

  /**
   * Takes the screen.
   *
   * @param onKey called with each key; no keys without a terminal behind standard input
   * @param onResize called when the size has changed, and when all is to be drawn again
   */
  async open(onKey: (key: Key) => void, onResize: () => void): Promise<void> {
    this.#guard = await startGuard();
    this.#isOpen = true;
    Deno.addSignalListener("SIGWINCH", onResize);
    this.#resources.defer(() => Deno.removeSignalListener("SIGWINCH", onResize));
    // Stopped, this process would lose packets: Ctrl-Z is not followed.
    const stay = () => onKey("stop");
    Deno.addSignalListener("SIGTSTP", stay);
    this.#resources.defer(() => Deno.removeSignalListener("SIGTSTP", stay));
    if (Deno.stdin.isTerminal()) {
      // Ctrl-C stays a signal.
      Deno.stdin.setRaw(true, { cbreak: true });
      this.#resources.defer(() => Deno.stdin.setRaw(false));
      void this.#readKeys(onKey);
    }
    this.#output.say(ENTER);
  }

  /** Columns and rows, as many as are used. */
  size(): { readonly columns: number; readonly rows: number } {
    try {
      const { columns, rows } = Deno.consoleSize();
      return {
        columns: Math.min(columns || DEFAULT_SIZE.columns, MAX_COLUMNS),
        rows: Math.min(rows || DEFAULT_SIZE.rows, MAX_ROWS),
      };
    } catch {
      return DEFAULT_SIZE;
    }
  }

  /** Shows these lines, unless the terminal still has not taken those before. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    this.#output.show(HOME + lines.map((line) => ERASE_LINE + line).join("\r\n"));
  }

  async #readKeys(onKey: (key: Key) => void): Promise<void> {
    const decoder = new TextDecoder();
    const bytes = new Uint8Array(1024);
    try {
      for (let count; (count = await Deno.stdin.read(bytes)) !== null;) {
        for (const key of keysOf(decoder.decode(bytes.subarray(0, count), { stream: true }))) {
          if (this.#isOpen) onKey(key);
        }
      }
    } catch {
      // The terminal has gone: a signal says so as well.
    }
  }

  /** Gives the screen back. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#resources.dispose();
    this.#output.say(LEAVE);
    await this.#output.flush();
    await dismiss(this.#guard);
  }
}

/** @returns undefined where there is no shell: then only SIGKILL leaves the terminal as it is */
async function startGuard(): Promise<Deno.ChildProcess | undefined> {
  try {
    const guard = new Deno.Command("/bin/sh", {
      args: ["-c", GUARD],
      stdin: "piped",
      stdout: "inherit",
      stderr: "piped",
    }).spawn();
    // From here on it knows how the terminal was.
    const reader = guard.stderr.getReader();
    await reader.read();
    reader.releaseLock();
    return guard;
  } catch {
    return undefined;
  }
}

async function dismiss(guard: Deno.ChildProcess | undefined): Promise<void> {
  if (guard === undefined) return;
  try {
    const writer = guard.stdin.getWriter();
    await writer.write(new TextEncoder().encode("done\n"));
    await writer.close();
    await guard.stderr.cancel();
    await guard.status;
  } catch {
    // Somebody has ended it.
  }
}
