/**
 * What was asked at the prompt, kept from one session to the next where that can be done safely.
 *
 * @module
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Name of the file in the user's home directory. */
export const HISTORY_FILE = ".xdp-inspector_history";
/** Lines that are remembered. */
export const MAX_LINES = 1000;
/** Of a larger file only the end is taken. */
const MAX_BYTES = 2 ** 20;
/** Queries have addresses in them. */
const MODE = 0o600;

/** Lines, the newest first, as node:readline has them. */
export class History implements Disposable {
  readonly lines: string[];
  readonly #file: number | null;

  /**
   * To be made before this process becomes another user, who may not open the file.
   *
   * @param home null = nothing is kept
   */
  constructor(home: string | null = Deno.env.get("HOME") ?? null) {
    this.#file = home === null || !home.startsWith("/") ? null : open(join(home, HISTORY_FILE));
    this.lines = this.#file === null ? [] : load(this.#file);
  }

  /** Remembers a line. Where it cannot be kept, it is there for this session. */
  add(line: string): void {
    const text = line.trim();
    if (text === "" || text === this.lines[0]) return;
    this.lines.unshift(text);
    if (this.lines.length > MAX_LINES) this.lines.pop();
    if (this.#file === null) return;
    try {
      writeSync(this.#file, `${text}\n`);
    } catch {
      // The disk is full: it is remembered until the end.
    }
  }

  [Symbol.dispose](): void {
    if (this.#file !== null) closeSync(this.#file);
  }
}

/** @returns null unless it is a file of this user's own, by no other name */
function open(path: string): number | null {
  const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;
  let file: number;
  try {
    file = openSync(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, MODE);
  } catch {
    return null;
  }
  const status = fstatSync(file);
  if (status.isFile() && status.uid === Deno.uid() && status.nlink === 1) return file;
  closeSync(file);
  return null;
}

function load(file: number): string[] {
  try {
    const text = new TextDecoder().decode(readFileSync(file).subarray(-MAX_BYTES));
    return text.split("\n").filter((line) => line !== "").slice(-MAX_LINES).reverse();
  } catch {
    return [];
  }
}
