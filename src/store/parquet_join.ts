/**
 * Joins Parquet files of one schema without decoding them: their data is copied one after the other,
 * and one footer describes all row groups at their new places.
 *
 * @module
 */
import { RunError } from "../core/errors.ts";
import { systemReason } from "../core/system_reason.ts";
import { PROGRAM_NAME, VERSION } from "../core/version.ts";
import {
  FOOTER_TAIL_BYTES,
  moveRowGroup,
  PARQUET_MAGIC,
  type ParquetFooter,
  readFooter,
  schemaBytes,
  writeFooter,
} from "./parquet_footer.ts";
import { writeThriftStruct } from "./thrift_compact.ts";

/** Bytes copied at a time. */
const COPY_BYTES = 4 * 1024 * 1024;

/** An opened Parquet file: the data lies between its magic number and its footer. */
interface Segment {
  readonly footer: ParquetFooter;
  readonly dataBytes: number;
}

/**
 * Joins segments into one file.
 *
 * Data is copied in pieces; memory grows with the number of row groups only (about 3 KB each). Bloom
 * filters and statistics stay. Nothing is synced to the disk.
 *
 * @param segments paths of Parquet files with equal schemas, at least one
 * @param output path of the file to be made; one that exists is overwritten
 * @param metadata key/value metadata of the new file, in place of that of the segments
 * @returns rows and bytes of the new file
 * @throws {RunError} if a segment cannot be read or the output cannot be written
 */
export function joinSegments(
  segments: readonly string[],
  output: string,
  metadata: Readonly<Record<string, string>>,
): { rows: number; bytes: number } {
  using target = openFile(output, "write", { write: true, create: true, truncate: true });
  target.write(PARQUET_MAGIC);
  const buffer = new Uint8Array(COPY_BYTES);
  const rowGroups: Uint8Array[] = [];
  let schema: Uint8Array | null = null;
  let first: ParquetFooter | null = null;
  let rows = 0n;
  for (const path of segments) {
    using source = openFile(path, "read", { read: true });
    const { footer, dataBytes } = readSegment(source);
    first ??= footer;
    schema ??= schemaBytes(footer);
    if (!equalBytes(schema, schemaBytes(footer))) throw source.error("its columns differ");
    const shift = BigInt(target.position - PARQUET_MAGIC.length);
    for (const rowGroup of footer.rowGroups) {
      rowGroups.push(writeThriftStruct(moveRowGroup(rowGroup, shift, rowGroups.length)));
    }
    rows += footer.rows;
    source.seek(PARQUET_MAGIC.length);
    for (let left = dataBytes; left > 0;) {
      const piece = buffer.subarray(0, Math.min(left, buffer.length));
      source.readFull(piece);
      target.write(piece);
      left -= piece.length;
    }
  }
  if (!first) throw new Error("Cannot join no segments");
  const createdBy = `${PROGRAM_NAME} version ${VERSION}`;
  const { rest } = first;
  for (
    const piece of writeFooter({ rest, rows, rowGroups, keyValueMetadata: metadata, createdBy })
  ) {
    target.write(piece);
  }
  return { rows: Number(rows), bytes: target.position };
}

function readSegment(source: OpenFile): Segment {
  const { size } = source;
  const tail = new Uint8Array(FOOTER_TAIL_BYTES);
  const start = new Uint8Array(PARQUET_MAGIC.length);
  if (size < start.length + tail.length) throw source.error("not a Parquet file");
  source.readFull(start);
  source.seek(size - tail.length);
  source.readFull(tail);
  if (!equalBytes(start, PARQUET_MAGIC) || !equalBytes(tail.subarray(4), PARQUET_MAGIC)) {
    throw source.error("not a Parquet file");
  }
  const length = new DataView(tail.buffer).getUint32(0, true);
  const dataBytes = size - start.length - length - tail.length;
  if (dataBytes < 0) throw source.error("not a Parquet file");
  const bytes = new Uint8Array(length);
  source.seek(start.length + dataBytes);
  source.readFull(bytes);
  try {
    return { footer: readFooter(bytes), dataBytes };
  } catch (cause) {
    throw source.error(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** A file with errors that name it. */
class OpenFile implements Disposable {
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
      throw this.error(systemReason(cause), {
        cause,
        ...this.#action === "write" &&
          { hint: "Free space there, or choose another place with --output" },
      });
    }
  }
}

function openFile(path: string, action: "read" | "write", options: Deno.OpenOptions): OpenFile {
  try {
    return new OpenFile(Deno.openSync(path, options), path, action);
  } catch (cause) {
    throw new RunError(`Cannot ${action} "${path}": ${systemReason(cause)}`, { cause });
  }
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
