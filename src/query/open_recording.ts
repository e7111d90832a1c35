/**
 * A file that is held open from its check to the last answer. DuckDB gets the descriptor as its path
 * (proc_pid_fd(5)), so that another file under the same name is never mixed in.
 *
 * DuckDB compares what a path leads to with the list of those it may open. A file that lost its name
 * is not on it any more, and the question fails.
 *
 * @module
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from "node:fs";
import { RunError } from "../core/errors.ts";
import { type FooterOutline, outlineFooter } from "../parquet/footer_outline.ts";
import { attempt, checkParquetFile, checkRegularFile } from "./file_check.ts";
import type { ForeignFinding } from "../sources/foreign_rows.ts";
import type { InputFile } from "./input_files.ts";
import { DAMAGED_HINT } from "./input_hints.ts";

/** More than 32,767 row groups of all columns take, with all that may be said about each. */
const MAX_FOOTER_BYTES = 160 * 2 ** 20;

const DESCRIPTORS = "/proc/self/fd";

/** What changes when somebody writes to a file. */
interface FileState {
  readonly size: bigint;
  readonly modified: bigint;
}

export class OpenRecording implements Disposable {
  readonly input: InputFile;
  readonly outline: FooterOutline;
  /** As node:fs numbers it: in Deno 2.7 that is no number of the kernel's. */
  readonly #descriptor: number;
  /** What is to be said of the input that the recording was made of. */
  findings: readonly ForeignFinding[] = [];
  /** Path that leads to this very file as long as it is open. */
  readonly path: string;
  readonly #state: FileState;
  /** Whether it was made of an input that is none. */
  readonly isMade: boolean;

  private constructor(input: InputFile, descriptor: number, isMade: boolean) {
    this.input = input;
    this.isMade = isMade;
    this.#descriptor = descriptor;
    this.path = descriptorPath(descriptor);
    this.#state = stateOf(descriptor);
    const { dataEnd, footerBytes } = checkParquetFile({ ...input, path: this.path });
    if (footerBytes > MAX_FOOTER_BYTES) {
      throw new RunError(`Cannot read "${input.label}": the Parquet footer is too large`, {
        hint: DAMAGED_HINT,
      });
    }
    const footer = attempt(input, () => readAt(descriptor, dataEnd, footerBytes));
    try {
      this.outline = outlineFooter(footer, dataEnd);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new RunError(`Cannot read "${input.label}": the file is damaged: ${cause.message}`, {
        cause,
        hint: DAMAGED_HINT,
      });
    }
  }

  /**
   * Opens and checks a file.
   *
   * @throws {RunError} naming the file and what is wrong with it
   */
  static open(input: InputFile): OpenRecording {
    checkRegularFile(input);
    const descriptor = attempt(
      input,
      () => openSync(input.path, constants.O_RDONLY | constants.O_NONBLOCK),
    );
    return OpenRecording.#of(input, descriptor, false);
  }

  /**
   * Takes over the descriptor of a recording that was made of an input, and which may have no name. No
   * other descriptor may lead to it: it is told by that.
   *
   * @throws {RunError} naming the input and what is wrong with it; the descriptor is closed then
   */
  static made(input: InputFile, descriptor: number): OpenRecording {
    return OpenRecording.#of(input, descriptor, true);
  }

  static #of(input: InputFile, descriptor: number, isMade: boolean): OpenRecording {
    try {
      return new OpenRecording(input, descriptor, isMade);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /**
   * Makes sure that nobody wrote to the file since it was opened.
   *
   * @throws {RunError} somebody did
   */
  checkUnchanged(): void {
    const { size, modified } = stateOf(this.#descriptor);
    if (size === this.#state.size && modified === this.#state.modified) return;
    throw new RunError(`Cannot read "${this.input.label}": it was changed while it was read`, {
      hint: "Ask again when nothing writes to it",
    });
  }

  /** Why DuckDB must not open the file: its name was taken from it. Else null. */
  get replaced(): RunError | null {
    if (this.isMade) return null;
    const { dev, ino } = fstatSync(this.#descriptor, { bigint: true });
    const now = statSync(this.input.path, { bigint: true, throwIfNoEntry: false });
    if (now !== undefined && now.dev === dev && now.ino === ino) return null;
    return new RunError(`Cannot read "${this.input.label}": it was replaced while it was read`, {
      hint: "Ask again; recordings that replace each other are better given different names",
    });
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

/** The kernel's number that was found last. It gives out the lowest that is free. */
let lastFound = 0;

/**
 * The path of an open file below `/proc/self/fd`, which is told by what it leads to.
 *
 * @param descriptor as node:fs numbers it
 */
export function descriptorPath(descriptor: number): string {
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  const leadsThere = (number: number | string) => {
    const status = statSync(`${DESCRIPTORS}/${number}`, { bigint: true, throwIfNoEntry: false });
    return status !== undefined && status.dev === dev && status.ino === ino;
  };
  const found = [descriptor, lastFound + 1].find(leadsThere) ??
    readdirSync(DESCRIPTORS).find(leadsThere);
  if (found === undefined) throw new Error("An open file is not below /proc/self/fd");
  lastFound = Number(found);
  return `${DESCRIPTORS}/${found}`;
}

function stateOf(descriptor: number): FileState {
  const { size, mtimeNs } = fstatSync(descriptor, { bigint: true });
  return { size, modified: mtimeNs };
}

function readAt(descriptor: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
