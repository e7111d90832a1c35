/**
 * Parquet files as the store reads and writes them: with errors that name them, and their footer found
 * from their end (apache/parquet-format: README.md, "File format").
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { RunError } from "../core/errors.ts";
import { systemReason } from "../core/system_reason.ts";
import {
  FOOTER_TAIL_BYTES,
  isParquetMagic,
  PARQUET_MAGIC,
  type ParquetFooter,
  readFooter,
} from "./footer.ts";

/** What the end of a file says. The data lies between the magic number and `dataEnd`. */
export interface ParquetEnd {
  readonly footer: ParquetFooter;
  /** Position behind the data, where the footer begins. */
  readonly dataEnd: number;
}

/**
 * Reads the footer of an open file.
 *
 * @throws {RunError} if it is no Parquet file, or damaged
 */
export function readParquetEnd(file: OpenFile): ParquetEnd {
  const { size } = file;
  const tail = new Uint8Array(FOOTER_TAIL_BYTES);
  const start = new Uint8Array(PARQUET_MAGIC.length);
  if (size < start.length + tail.length) throw file.error("not a Parquet file");
  file.readFull(start);
  file.seek(size - tail.length);
  file.readFull(tail);
  if (!isParquetMagic(start) || !isParquetMagic(tail.subarray(4))) {
    throw file.error("not a Parquet file");
  }
  const length = new DataView(tail.buffer).getUint32(0, true);
  const dataEnd = size - length - tail.length;
  if (dataEnd < start.length) throw file.error("not a Parquet file");
  const bytes = new Uint8Array(length);
  file.seek(dataEnd);
  file.readFull(bytes);
  try {
    return { footer: readFooter(bytes), dataEnd };
  } catch (cause) {
    throw file.error(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** A file with errors that name it. */
export class OpenFile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #action: "read" | "write";
  #position = 0;

  constructor(file: Deno.FsFile, path: string, action: "read" | "write") {
    this.#file = file;
    this.#path = path;
    this.#action = action;
  }

  /** Bytes written. */
  get position(): number {
    return this.#position;
  }

  get size(): number {
    return this.#file.statSync().size;
  }

  error(reason: string, options: ErrorOptions = {}): RunError {
    return new RunError(`Cannot ${this.#action} "${this.#path}": ${reason}`, options);
  }

  seek(position: number): void {
    this.#file.seekSync(position, Deno.SeekMode.Start);
  }

  /** Fills `bytes` from the file. */
  readFull(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const count = this.#try(() => this.#file.readSync(bytes.subarray(done)));
      if (count === null) throw this.error("it ends too early");
      done += count;
    }
  }

  /** Writes all of `bytes`. */
  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      done += this.#try(() => this.#file.writeSync(bytes.subarray(done)));
    }
    this.#position += bytes.length;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #try<T>(call: () => T): T {
    try {
      return call();
    } catch (cause) {
      const reason = systemReason(cause);
      throw this.error(reason, {
        cause,
        ...this.#action === "write" && { hint: writeHint(reason, this.#path) },
      });
    }
  }
}

/** The next step for a file at `path` that cannot be written. */
export function writeHint(reason: string, path: string): string {
  if (/^file too large$/i.test(reason)) return "Raise the limit of the size of files (ulimit -f)";
  if (!/no space left|disk quota/i.test(reason)) return "Choose another place with --output";
  return /no space left/i.test(reason) && takesNoMoreFiles(dirname(path))
    ? "Remove files there: it can hold no more of them (df -i); or choose another place with --output"
    : "Free space there, or choose another place with --output";
}

/** Whether all inodes are in use; some file systems have no such limit, and say 0 of 0. */
function takesNoMoreFiles(directory: string): boolean {
  try {
    const { files, ffree } = statfsSync(directory);
    return files > 0 && ffree === 0;
  } catch {
    return false;
  }
}

/**
 * Opens a file.
 *
 * @param action what is done with it, for messages
 * @param name path in messages, where that is not `path`
 * @throws {RunError} if it cannot be opened
 */
export function openFile(
  path: string,
  action: "read" | "write",
  options: Deno.OpenOptions,
  name = path,
): OpenFile {
  try {
    return new OpenFile(Deno.openSync(path, options), name, action);
  } catch (cause) {
    throw new RunError(`Cannot ${action} "${name}": ${systemReason(cause)}`, { cause });
  }
}
