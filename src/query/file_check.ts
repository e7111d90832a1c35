/**
 * Looks at a file before DuckDB does, so that each way of not being a complete Parquet file gets
 * its own message. Parquet file layout: github.com/apache/parquet-format, README, "File format".
 *
 * @module
 */
import { RunError } from "../core/errors.ts";
import { readAt } from "../core/read_at.ts";
import { systemReason } from "../core/system_reason.ts";
import type { InputFile } from "./input_files.ts";
import { DAMAGED_HINT, READABLE_HINT } from "./input_hints.ts";

const MAGIC = "PAR1";
const ENCRYPTED_MAGIC = "PARE";
const MAGIC_BYTES = 4;
/** Footer length (u32, little-endian) and the closing magic. */
const TRAILER_BYTES = 8;
/** Magic at both ends and the footer's length: no Parquet file is shorter. */
const MIN_FILE_BYTES = MAGIC_BYTES + TRAILER_BYTES;

const EMPTY_HINT = "Record again: a recording without any packet still has a header";

/** Where the footer of a file is. */
export interface FooterPlace {
  /** Position where the data ends and the footer begins. */
  readonly dataEnd: number;
  readonly footerBytes: number;
}

/**
 * Makes sure that a path leads to a regular file that is not empty. Opens nothing: opening a FIFO
 * without a writer waits for ever.
 *
 * @param emptyHint the next step for one that is empty
 * @throws {RunError} naming the file and what it is
 */
export function checkRegularFile(file: InputFile, emptyHint: string = EMPTY_HINT): number {
  const status = attempt(file, () => Deno.statSync(file.path));
  if (!status.isFile) {
    throw new RunError(`Cannot read "${file.label}": it is ${kindOf(status)}, not a regular file`, {
      hint: "Copy the data to a regular file first",
    });
  }
  if (status.size > 0) return status.size;
  throw new RunError(`Cannot read "${file.label}": the file is empty`, { hint: emptyHint });
}

/**
 * Makes sure that a file is readable, regular and complete: Parquet magic at both ends and a footer
 * whose length fits in between. Says nothing about what the footer holds.
 *
 * @throws {RunError} naming the file and what is wrong with it
 */
export function checkParquetFile(file: InputFile): FooterPlace {
  const size = checkRegularFile(file);
  using handle = attempt(file, () => Deno.openSync(file.path, { read: true }));
  const head = attempt(file, () => readAt(handle, 0, MAGIC_BYTES));
  const magic = latin1(head);
  if (magic === ENCRYPTED_MAGIC) {
    throw new RunError(`Cannot read "${file.label}": the Parquet file is encrypted`, {
      hint: "Decrypt it first: what reads recordings has no keys",
    });
  }
  if (magic !== MAGIC) {
    throw new RunError(`Cannot read "${file.label}": not a Parquet file`, {
      hint: READABLE_HINT,
    });
  }
  if (size < MIN_FILE_BYTES) throw truncated(file);
  const trailer = attempt(file, () => readAt(handle, size - TRAILER_BYTES, TRAILER_BYTES));
  if (trailer.length < TRAILER_BYTES || latin1(trailer.subarray(MAGIC_BYTES)) !== MAGIC) {
    throw truncated(file);
  }
  const footerBytes = new DataView(trailer.buffer).getUint32(0, true);
  if (footerBytes === 0 || footerBytes > size - MIN_FILE_BYTES) {
    throw new RunError(`Cannot read "${file.label}": the Parquet footer is damaged`, {
      hint: DAMAGED_HINT,
    });
  }
  return { dataEnd: size - TRAILER_BYTES - footerBytes, footerBytes };
}

function truncated(file: InputFile): RunError {
  return new RunError(
    `Cannot read "${file.label}": the Parquet file is truncated, its footer is missing`,
    { hint: "Was the recording or the copying of this file interrupted? Record or copy it again" },
  );
}

/**
 * Runs a call to the system.
 *
 * @throws {RunError} naming the file and the system's reason
 */
export function attempt<T>(file: InputFile, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const hint = hintFor(cause);
    throw new RunError(`Cannot read "${file.label}": ${systemReason(cause)}`, {
      cause,
      ...(hint !== undefined && { hint }),
    });
  }
}

function hintFor(cause: unknown): string | undefined {
  const code = (cause as { code?: string }).code;
  if (cause instanceof Deno.errors.PermissionDenied || code === "EACCES") {
    return "Ask the owner of the file for read access, or run as that user";
  }
  // Every file stays open until the answer is complete.
  if (code === "EMFILE") return "Raise the limit of open files (ulimit -n), or name fewer files";
  return undefined;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function kindOf(status: Deno.FileInfo): string {
  if (status.isDirectory) return "a directory";
  if (status.isFifo) return "a named pipe";
  if (status.isSocket) return "a socket";
  if (status.isCharDevice || status.isBlockDevice) return "a device";
  return "a special file";
}
