/**
 * Complete writes to standard output and standard error.
 *
 * @module
 */
import { RunError } from "./errors.ts";
import { systemReason } from "./system_reason.ts";

/** What is written to: `Deno.stdout`, `Deno.stderr`, or a stand-in for them. */
export interface SyncWriter {
  writeSync(bytes: Uint8Array): number;
}

/** The reader of standard output has gone (`| head`): the program ends quietly. */
export class BrokenPipe extends Error {
  constructor(options?: ErrorOptions) {
    super("The reader of standard output has gone", options);
    this.name = "BrokenPipe";
  }
}

/** How long to wait before asking a full non-blocking pipe again, in milliseconds. */
const RETRY_MS = 1;

/**
 * Writes all of `data` to standard output.
 *
 * @throws {BrokenPipe} If nobody reads any more.
 * @throws {RunError} If the write fails for another reason, such as a full disk.
 */
export function writeStdout(data: string | Uint8Array, writer: SyncWriter = Deno.stdout): void {
  try {
    writeAll(data, writer);
  } catch (error) {
    throw outputError(error);
  }
}

/**
 * Writes all of `data` to standard output without stopping the program where nobody reads for now.
 *
 * @throws {BrokenPipe} If nobody reads any more.
 * @throws {RunError} If the write fails for another reason, such as a full disk.
 */
export async function sendStdout(
  data: string,
  writer: { write(bytes: Uint8Array): Promise<number> } = Deno.stdout,
): Promise<void> {
  try {
    const bytes = new TextEncoder().encode(data);
    for (let written = 0; written < bytes.length;) {
      try {
        written += await writer.write(bytes.subarray(written));
      } catch (error) {
        if (!(error instanceof Deno.errors.WouldBlock)) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  } catch (error) {
    throw outputError(error);
  }
}

/** Writes all of `data` to standard error. Failures are ignored: there is nowhere to report them. */
export function writeStderr(data: string | Uint8Array, writer: SyncWriter = Deno.stderr): void {
  try {
    writeAll(data, writer);
  } catch {
    // Nowhere to say so.
  }
}

/** Whether `error`, or one that caused it, says that nobody reads a pipe or socket any more. */
export function isBrokenPipe(error: unknown): boolean {
  // A cause can be its own ancestor; eight levels are more than any chain of ours has.
  for (let depth = 0; depth < 8 && error instanceof Error; depth++) {
    if (error instanceof BrokenPipe || error instanceof Deno.errors.BrokenPipe) return true;
    if ("code" in error && error.code === "EPIPE") return true;
    error = error.cause;
  }
  return false;
}

function outputError(error: unknown): Error {
  if (isBrokenPipe(error)) return new BrokenPipe({ cause: error });
  return new RunError(`Cannot write to standard output: ${systemReason(error)}`, { cause: error });
}

function writeAll(data: string | Uint8Array, writer: SyncWriter): void {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writer.writeSync(bytes.subarray(written));
    } catch (error) {
      // A parent process can leave the pipe non-blocking; then a full pipe is EAGAIN.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}
