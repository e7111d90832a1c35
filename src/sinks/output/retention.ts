/**
 * Which files of a series are kept. Only closed files that this program has made for the same interfaces
 * in the same directory are ever removed, the oldest first, and never the newest.
 *
 * @module
 */
import type { Directory } from "../../../ffi/mod.ts";
import { fileSystemRoom } from "../disk_room.ts";
import { isRecording } from "./existing_recording.ts";
import { quietly } from "./quietly.ts";
import type { SeriesNames } from "./series_names.ts";

/** What is kept at most; null = as much as there is. */
export interface RetentionLimits {
  readonly files: number | null;
  /** Bytes of everything but the file that is open, which may come on top. */
  readonly bytes: number | null;
  /** Milliseconds since the last packet of a file. */
  readonly ageMs: number | null;
  /** Bytes that stay free on the disk; 0 = none have to. */
  readonly minFreeBytes: number;
}

/** What removing would be too late for: files are removed a little before space is short. */
const FREE_MARGIN = 1.05;

/** A closed file. */
export interface KeptFile {
  /** Names of the directories that lead to it, below that of the series. */
  readonly directories: readonly string[];
  readonly name: string;
  readonly startMs: number;
  readonly bytes: number;
}

/** Keeps one series within its limits. */
export class Retention {
  readonly #root: Directory;
  readonly #limits: RetentionLimits;
  /** By their start. */
  readonly #files: KeptFile[];

  /** Finds the files of earlier recordings. */
  constructor(root: Directory, names: SeriesNames, limits: RetentionLimits) {
    this.#root = root;
    this.#limits = limits;
    this.#files = this.isNeeded ? findFiles(root, names) : [];
  }

  /** Whether there is a limit. */
  get isNeeded(): boolean {
    const { files, bytes, ageMs } = this.#limits;
    return files !== null || bytes !== null || ageMs !== null;
  }

  /** A file has been closed. */
  add(file: KeptFile): void {
    if (this.isNeeded) this.#files.push(file);
  }

  /**
   * Removes what goes beyond the limits.
   *
   * @param nowMs milliseconds since 1970
   * @param otherBytes what else is there, or will be before this is asked again
   * @returns names of the removed files
   */
  enforce(nowMs: number, otherBytes: number): string[] {
    const removed: string[] = [];
    while (this.#files.length > 1 && this.#isTooMuch(nowMs, otherBytes)) {
      const file = this.#files.shift()!;
      if (removeFile(this.#root, file)) removed.push([...file.directories, file.name].join("/"));
    }
    return removed;
  }

  /** Bytes of the newest file; 0 = there is none. */
  get newestBytes(): number {
    return this.#files.at(-1)?.bytes ?? 0;
  }

  #isTooMuch(nowMs: number, otherBytes: number): boolean {
    const { files, bytes, ageMs, minFreeBytes } = this.#limits;
    if (files !== null && this.#files.length > files) return true;
    const sum = this.#files.reduce((all, one) => all + one.bytes, otherBytes);
    if (bytes !== null && sum > bytes) return true;
    // It ends where the next one begins.
    if (ageMs !== null && nowMs - this.#files[1]!.startMs > ageMs) return true;
    return this.isNeeded && minFreeBytes > 0 &&
      fileSystemRoom(this.#root.path).free < minFreeBytes * FREE_MARGIN;
  }
}

function findFiles(root: Directory, names: SeriesNames): KeptFile[] {
  const found: KeptFile[] = [];
  const search = (directory: Directory, path: readonly string[]) => {
    const below = names.directories[path.length];
    for (const name of namesIn(directory)) {
      if (below !== undefined) {
        if (typeof below === "string" ? below !== name : !below.test(name)) continue;
        inDirectory(directory, name, (inner) => search(inner, [...path, name]));
        continue;
      }
      const startMs = names.startOf(name);
      const status = startMs === null ? null : directory.statusOf(name);
      if (status?.kind !== "regular file" || !isRecording(directory, name)) continue;
      found.push({ directories: path, name, startMs: startMs!, bytes: status.size });
    }
  };
  search(root, []);
  return found.sort((one, other) => one.startMs - other.startMs);
}

/** @returns false if it was not there, is none of ours any more, or may not be removed */
function removeFile(root: Directory, { directories, name }: KeptFile): boolean {
  const [first, ...rest] = directories;
  if (first !== undefined) {
    let isRemoved = false;
    inDirectory(root, first, (inner) => {
      isRemoved = removeFile(inner, { directories: rest, name, startMs: 0, bytes: 0 });
    });
    // A day without files is no day.
    if (isRemoved) quietly(() => root.removeDirectory(first));
    return isRemoved;
  }
  if (!isRecording(root, name)) return false;
  return quietly(() => root.removeFile(name));
}

function namesIn(directory: Directory): string[] {
  try {
    return directory.names();
  } catch {
    return [];
  }
}

function inDirectory(parent: Directory, name: string, action: (inner: Directory) => void): void {
  let inner: Directory;
  try {
    inner = parent.openDirectory(name);
  } catch {
    return;
  }
  try {
    action(inner);
  } finally {
    inner[Symbol.dispose]();
  }
}
