/**
 * Room on the disk of a recording: some stays free for others, and some is kept for its end.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { DataFile, SystemError } from "../../ffi/mod.ts";
import { RunError } from "../core/errors.ts";
import { formatBytes } from "../core/quantity.ts";
import { RESERVE_NAME } from "./segments/segment_names.ts";

/** Kept for the end of the file: its footer, without row groups, in whole pages. */
const RESERVE_BYTES = 16 * 1024;
/** In the index and in the footer. */
const ROW_GROUP_BYTES = 8 * 1024;
const USUAL_FREE_BYTES = 2 ** 30;
const USUAL_FREE_SHARE = 0.05;

/** The reserve grows in such steps. */
const STEP_BYTES = 64 * 1024;

/** Bytes that an ordinary user may still take on the file system of a path, and all of its bytes. */
export function fileSystemRoom(path: string): { free: number; total: number } {
  const { bavail, blocks, bsize } = statfsSync(path);
  return { free: bavail * bsize, total: blocks * bsize };
}

/** What stays free unless said otherwise: enough for the system to go on, of a small disk less. */
export function usualFreeBytes(path: string): number {
  return Math.min(USUAL_FREE_BYTES, Math.floor(fileSystemRoom(path).total * USUAL_FREE_SHARE));
}

/**
 * Makes sure that a recording can begin.
 *
 * @param output for messages
 * @param path of what is on its disk
 * @throws {RunError} if less is free than has to stay free
 */
export function requireRoom(output: string, path: string, minFreeBytes: number): void {
  const { free } = fileSystemRoom(path);
  if (free >= minFreeBytes) return;
  throw new RunError(
    `Cannot write "${output}": only ${formatBytes(free)} are free there, ` +
      `${formatBytes(minFreeBytes)} are to stay free`,
    { hint: "Free space there, or lower --min-free" },
  );
}

/** Room for one recording. Dispose gives the reserve back. */
export class DiskRoom implements Disposable {
  readonly #directory: string;
  readonly #minFreeBytes: number;
  #reserve: DataFile | null = null;
  #reserved = 0;

  /** @param minFreeBytes bytes that stay free; 0 = all may be taken */
  constructor(directory: string, minFreeBytes: number) {
    this.#directory = directory;
    this.#minFreeBytes = minFreeBytes;
  }

  /** @throws {RunError} if less is free than has to stay free */
  check(): void {
    if (this.#minFreeBytes > 0) {
      requireRoom(this.#directory, this.#directory, this.#minFreeBytes);
    }
  }

  /**
   * Keeps room for the end of a file, as far as the disk has it.
   *
   * @param rowGroups of the file
   * @param bytes that have to be written besides
   */
  keepForEnd(rowGroups: number, bytes: number): void {
    const needed = RESERVE_BYTES + ROW_GROUP_BYTES * rowGroups + bytes;
    if (needed <= this.#reserved) return;
    const size = this.#reserved === 0 ? needed : needed + STEP_BYTES;
    try {
      this.#reserve ??= DataFile.openPath(`${this.#directory}/${RESERVE_NAME}`, "create");
      this.#reserve.reserve(0, size);
      this.#reserved = size;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
    }
  }

  /** Gives the reserve back, now that it is needed. */
  release(): void {
    if (this.#reserve === null) return;
    this.#reserve[Symbol.dispose]();
    this.#reserve = null;
    this.#reserved = 0;
    try {
      Deno.removeSync(`${this.#directory}/${RESERVE_NAME}`);
    } catch {
      // Its directory is gone.
    }
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
