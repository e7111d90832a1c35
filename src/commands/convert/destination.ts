/**
 * Where bytes go that are made one after the other: a file, or standard output.
 *
 * @module
 */
import { openFile } from "../../parquet/file_access.ts";
import type { Attempt } from "../shared/without_damaged.ts";
import type { StatsStop } from "../stats/stats_stop.ts";

/** Takes bytes in order. */
export interface Destination extends Disposable {
  /** Bytes so far. */
  readonly bytes: number;
  /** @throws {RunError | BrokenPipe} they cannot be written */
  write(part: string | Uint8Array<ArrayBuffer>): Promise<void>;
}

/** A file, which must not exist. */
export function fileDestination(path: string): Destination {
  const file = openFile(path, "write", { write: true, createNew: true, mode: 0o600 });
  return {
    get bytes() {
      return file.position;
    },
    write(part) {
      file.write(bytesOf(part));
      return Promise.resolve();
    },
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

/** Standard output, whose reader is not waited for beyond the end of the command. */
export function standardOutput(stop: StatsStop, output: Pick<Attempt, "data">): Destination {
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    async write(part) {
      const data = bytesOf(part);
      await stop.until(output.data(data));
      bytes += data.length;
    },
    [Symbol.dispose]() {},
  };
}

function bytesOf(part: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return typeof part === "string" ? new TextEncoder().encode(part) : part;
}
