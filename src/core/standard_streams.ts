/**
 * Complete writes to standard output and standard error.
 *
 * @module
 */
import { RunError } from "./errors.ts";
import { type AsyncWriter, Notices, writeAllTo } from "./notices.ts";
import { systemReason } from "./system_reason.ts";

/** What is written to: `Deno.stdout`, `Deno.stderr`, or a stand-in for them. */
export interface SyncWriter {
  writeSync(bytes: Uint8Array): number;
}

/** {@linkcode Deno.stderr}, or a stand-in that can only be waited for. */
export type StderrWriter = SyncWriter & Partial<AsyncWriter>;

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
    throw stdoutError(error);
  }
}

/**
 * As {@linkcode writeStdout}, without holding up this thread: pending as long as nobody reads.
 *
 * @throws as {@linkcode writeStdout}
 */
export async function sendToStdout(
  data: string | Uint8Array,
  writer: AsyncWriter = Deno.stdout,
): Promise<void> {
  try {
    await writeAllTo(writer, typeof data === "string" ? new TextEncoder().encode(data) : data);
  } catch (error) {
    throw stdoutError(error);
  }
}

function stdoutError(error: unknown): Error {
  if (isBrokenPipe(error)) return new BrokenPipe({ cause: error });
  return new RunError(`Cannot write to standard output: ${systemReason(error)}`, { cause: error });
}

/**
 * Whether the process was started without a standard output (`>&-`). Rust's runtime opens /dev/null
 * for reading and writing in its place (library/std/src/sys/pal/unix/mod.rs, `init`), where a shell's
 * `>/dev/null` is for writing only.
 *
 * @param target what `/proc/self/fd/1` leads to
 * @param info text of `/proc/self/fdinfo/1` (proc_pid_fdinfo(5): `flags` as in open(2), octal)
 */
export function isClosedStdout(
  target: string = Deno.readLinkSync("/proc/self/fd/1"),
  info: string = Deno.readTextFileSync("/proc/self/fdinfo/1"),
): boolean {
  const O_ACCMODE = 3;
  const O_RDWR = 2;
  const flags = parseInt(/^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? "0", 8);
  return target === "/dev/null" && (flags & O_ACCMODE) === O_RDWR;
}

/** Writes all of `data` to standard error. Failures are ignored: there is nowhere to report them. */
export function writeStderr(data: string | Uint8Array, writer: SyncWriter = Deno.stderr): void {
  try {
    writeAll(data, writer);
  } catch {
    // Nowhere to say so.
  }
}

/**
 * The last words of a run: as {@linkcode writeStderr}, but waits only for a moment for a terminal that
 * is stopped or a pipe that nobody reads.
 */
export async function endOnStderr(
  text: string,
  writer: StderrWriter = Deno.stderr,
): Promise<void> {
  const { write } = writer;
  if (write === undefined) return writeStderr(text, writer);
  const last = new Notices({ write: (bytes) => write.call(writer, bytes) });
  last.say(text);
  await last.flush();
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
