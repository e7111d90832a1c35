/**
 * A recording made of an input that is none: of a file in another format, or of standard input. It is
 * on a disk as long as it is read, without a name, so that nothing of it outlives the process.
 *
 * @module
 */
import { closeSync, constants, fstatSync, openSync, read, readSync } from "node:fs";
import { join } from "node:path";
import { BATCH_BYTES, createBatch } from "../batch/column_batch.ts";
import { RunError } from "../core/errors.ts";
import type { Progress, ProgressSource, ProgressWatcher } from "../core/progress.ts";
import { writeStderr } from "../core/standard_streams.ts";
import { systemReason } from "../core/system_reason.ts";
import type { ForeignBytes, ForeignFinding, ForeignFormat } from "../sources/foreign_rows.ts";
import { beginsWith, foreignFormat, HEAD_BYTES } from "./foreign_input.ts";
import type { InputFile } from "./input_files.ts";
import { READABLE_HINT } from "./input_hints.ts";
import { OpenRecording } from "./open_recording.ts";
import { spillPlace } from "./spill_directory.ts";

const PARQUET_MAGIC = "PAR1";

/** What bytes come from. */
interface Readable {
  read(part: Uint8Array): Promise<number | null>;
}

/** Bytes that are asked for at once. */
const PART_BYTES = 2 ** 20;

const ASK_AGAIN = "Ask again when nothing writes to it";

/** Its name in the private directory, until it has none. */
const COMPLETE = "complete.parquet";
const PRIVATE_MODE = 0o600;

/** What a caller may want to do otherwise. */
export interface ImportOptions {
  /** Ends the import, which then fails with its reason. */
  readonly stop?: AbortSignal | undefined;
  /** Takes a line for somebody who waits; a promise is waited for. */
  readonly say?: (text: string) => unknown;
  /** Shows how much of the input was read. */
  readonly watcher?: ProgressWatcher | undefined;
  /** Where the recording is made. */
  readonly place?: typeof spillPlace;
  readonly standardInput?: Pick<typeof Deno.stdin, "read" | "isTerminal">;
}

/**
 * Opens an input whatever its format.
 *
 * @throws {RunError} naming the input and what is wrong with it, or where there is no room
 */
export async function openInput(
  input: InputFile,
  options: ImportOptions = {},
): Promise<OpenRecording> {
  if (input.isStandardInput) {
    const { standardInput = Deno.stdin } = options;
    if (standardInput.isTerminal()) {
      throw new RunError("Cannot read standard input: it is a terminal", {
        hint: "Send a recording into it: `xdp-inspector record -o - | xdp-inspector stats -f -`",
      });
    }
    return await imported(input, new InputBytes(input.label, standardInput, options.stop), options);
  }
  using file = RegularFile.open(input);
  const head = file?.head() ?? null;
  const format = head === null || beginsWith(head, PARQUET_MAGIC) ? null : foreignFormat(head);
  if (format === null) {
    // Where node:fs has numbers of its own, an open file is told by what it leads to: one of them may.
    file?.[Symbol.dispose]();
    return OpenRecording.open(input);
  }
  const recording = await imported(
    input,
    new InputBytes(input.label, file!, options.stop, file!.size),
    options,
  );
  if (file!.isUnchanged) return recording;
  if (format.grows) {
    const text = `"${input.label}" was written to while it was read`;
    recording.findings = [...recording.findings, { isFault: true, text, hint: ASK_AGAIN }];
    return recording;
  }
  recording[Symbol.dispose]();
  throw new RunError(`Cannot read "${input.label}": it was changed while it was read`, {
    hint: ASK_AGAIN,
  });
}

/**
 * A regular file that is read from its beginning: to its end as it was when it was opened, and what was
 * written meanwhile. No further, as whoever writes to it may be faster.
 */
class RegularFile implements Disposable {
  /** Bytes, when it was opened. */
  readonly size: number;
  readonly #descriptor: number;
  readonly #state: string;
  #position = 0;
  #end: number;
  #hasGrown = false;
  #isOpen = true;

  private constructor(descriptor: number, state: string, size: number) {
    this.#descriptor = descriptor;
    this.#state = state;
    this.size = size;
    this.#end = size;
  }

  /** @returns null for what the check of recordings has a word for */
  static open({ path }: InputFile): RegularFile | null {
    let descriptor: number;
    try {
      // Without a writer a FIFO would be waited for.
      descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch {
      return null;
    }
    const status = fstatSync(descriptor);
    // Those of the kernel have no size.
    if (status.isFile() && status.size > 0) {
      return new RegularFile(descriptor, stateOf(descriptor), status.size);
    }
    closeSync(descriptor);
    return null;
  }

  /** Its first bytes; null if they cannot be read. */
  head(): Uint8Array | null {
    const head = new Uint8Array(HEAD_BYTES);
    try {
      return head.subarray(0, readSync(this.#descriptor, head, 0, HEAD_BYTES, 0));
    } catch {
      return null;
    }
  }

  read(part: Uint8Array): Promise<number | null> {
    if (this.#position === this.#end && !this.#hasGrown) {
      this.#hasGrown = true;
      this.#end = Math.max(this.#end, fstatSync(this.#descriptor).size);
    }
    const wanted = Math.min(part.length, this.#end - this.#position);
    if (wanted === 0) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      read(this.#descriptor, part, 0, wanted, null, (error, count) => {
        this.#position += count;
        if (error) reject(error);
        else resolve(count === 0 ? null : count);
      });
    });
  }

  /** Whether nobody wrote to it since it was opened. */
  get isUnchanged(): boolean {
    return stateOf(this.#descriptor) === this.#state;
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#descriptor);
  }
}

function stateOf(descriptor: number): string {
  const { size, mtimeNs } = fstatSync(descriptor, { bigint: true });
  return `${size} ${mtimeNs}`;
}

async function imported(
  input: InputFile,
  bytes: InputBytes,
  options: ImportOptions,
): Promise<OpenRecording> {
  const head = await bytes.head();
  const format = beginsWith(head, PARQUET_MAGIC) ? null : foreignFormat(head);
  if (head.length === 0) {
    throw new RunError(`Cannot read "${input.label}": it is empty`, {
      hint: "Look at what should write into it: it has failed, or had nothing to write",
    });
  }
  if (format === null && !beginsWith(head, PARQUET_MAGIC)) {
    throw new RunError(`Cannot read "${input.label}": its format is unknown`, {
      hint: READABLE_HINT,
    });
  }
  options.watcher?.follow(bytes);
  using directory = PrivateDirectory.make(input, options.place ?? spillPlace);
  let findings: readonly ForeignFinding[] = [];
  if (format === null) await copy(bytes, directory);
  else {
    await options.say?.(`"${input.label}" is ${format.name}: it is made into a recording first\n`);
    findings = await convert(bytes, format, directory, options.stop);
  }
  Deno.chmodSync(join(directory.path, COMPLETE), PRIVATE_MODE);
  const descriptor = openSync(join(directory.path, COMPLETE), constants.O_RDONLY);
  const recording = OpenRecording.made(input, descriptor);
  recording.findings = findings;
  return recording;
}

/** What cannot be written ends it: the input is still there. */
const ENDS_AT_ONCE = {
  onTrouble(error: RunError) {
    throw error;
  },
  onResumed() {},
  onPart() {},
  onSecond() {},
};

async function convert(
  bytes: InputBytes,
  format: ForeignFormat,
  directory: PrivateDirectory,
  stop: AbortSignal | undefined,
): Promise<readonly ForeignFinding[]> {
  using rows = await format.open(bytes);
  const batch = createBatch(new ArrayBuffer(BATCH_BYTES));
  const { ParquetFile } = await import("../sinks/parquet_file.ts");
  const plan = {
    type: "parquet",
    workDirectory: directory.path,
    path: join(directory.path, COMPLETE),
  } as const;
  const options = { attachments: rows.attachments, metadata: {} };
  using sink = await ParquetFile.open(plan, options, ENDS_AT_ONCE);
  for (;;) {
    const count = await rows.fill(batch);
    stop?.throwIfAborted();
    if (count === 0) break;
    directory.writes(() => sink.append(batch, count));
  }
  // Before anything is finished: that it could not be read at all is an error.
  const findings = rows.findings?.() ?? [];
  directory.writes(() => {
    sink.finish();
    sink.complete(rows.metadata());
  });
  return findings;
}

async function copy(bytes: InputBytes, directory: PrivateDirectory): Promise<void> {
  using file = await Deno.open(join(directory.path, COMPLETE), { write: true, createNew: true });
  for (let part = await bytes.lend(); part !== null; part = await bytes.lend()) {
    const piece = part;
    directory.writes(() => {
      for (let done = 0; done < piece.length;) done += file.writeSync(piece.subarray(done));
    });
  }
}

/** The bytes of a file or of standard input. */
class InputBytes implements ForeignBytes, ProgressSource {
  readonly label: string;
  readonly #file: Readable;
  readonly #stop: AbortSignal | undefined;
  readonly #size: number | null;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #lent: Uint8Array<ArrayBuffer> | null = null;
  #read = 0;

  /** @param size of all; null = nobody knows */
  constructor(
    label: string,
    file: Readable,
    stop: AbortSignal | undefined,
    size: number | null = null,
  ) {
    this.label = label;
    this.#file = file;
    this.#stop = stop;
    this.#size = size;
  }

  get progress(): Progress {
    const amount = this.#read;
    return {
      what: `reading "${this.label}"`,
      share: this.#size === null ? null : Math.min(1, amount / this.#size),
      done: { amount, unit: "bytes" },
    };
  }

  /** The first bytes, which are also the next. */
  async head(): Promise<Uint8Array> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    while (length < HEAD_BYTES) {
      const part = await this.#readPart();
      if (part === null) break;
      parts.push(part);
      length += part.length;
    }
    this.#waiting = parts;
    return Uint8Array.from(parts.flatMap((part) => [...part.subarray(0, HEAD_BYTES)]))
      .subarray(0, HEAD_BYTES);
  }

  async next(): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#waiting.shift() ?? await this.#readPart();
  }

  async lend(): Promise<Uint8Array<ArrayBuffer> | null> {
    this.#lent ??= new Uint8Array(PART_BYTES);
    return this.#waiting.shift() ?? await this.#readPart(this.#lent);
  }

  /** Waits for bytes, but not beyond the end of the command. */
  async #readPart(part = new Uint8Array(PART_BYTES)): Promise<Uint8Array<ArrayBuffer> | null> {
    const stop = this.#stop;
    stop?.throwIfAborted();
    const ended = Promise.withResolvers<never>();
    const end = () => ended.reject(stop!.reason);
    stop?.addEventListener("abort", end);
    try {
      const count = await Promise.race([this.#file.read(part), ended.promise]);
      this.#read += count ?? 0;
      return count === null ? null : part.subarray(0, count);
    } catch (cause) {
      if (stop?.aborted) throw cause;
      throw new RunError(`Cannot read "${this.label}": ${systemReason(cause)}`, { cause });
    } finally {
      stop?.removeEventListener("abort", end);
    }
  }
}

/** A directory of this process's own on a disk. */
class PrivateDirectory implements Disposable {
  readonly path: string;
  readonly #label: string;

  private constructor(path: string, label: string) {
    this.path = path;
    this.#label = label;
  }

  /** @throws {RunError} there is no place for it */
  static make({ label }: InputFile, place: typeof spillPlace): PrivateDirectory {
    const found = place();
    if (found === null) {
      throw new RunError(`Cannot read "${label}": there is no disk to make a recording of it on`, {
        hint: "Point TMPDIR to a directory on a disk",
      });
    }
    try {
      // Its mode is 0700, and its name cannot be guessed.
      const path = Deno.makeTempDirSync({ dir: found.directory, prefix: "xdp-inspector-" });
      return new PrivateDirectory(path, label);
    } catch (cause) {
      throw noRoom(label, found.directory, systemReason(cause), cause);
    }
  }

  /** Runs what writes in the directory, and says where there is no room. */
  writes(action: () => void): void {
    try {
      action();
    } catch (cause) {
      const isOurs = cause instanceof RunError && cause.message.includes(this.path);
      if (!isOurs && !(cause instanceof Error && "code" in cause)) throw cause;
      const reason = isOurs ? cause.message.split(": ").at(-1)! : systemReason(cause);
      throw noRoom(this.#label, join(this.path, ".."), reason, cause);
    }
  }

  [Symbol.dispose](): void {
    try {
      Deno.removeSync(this.path, { recursive: true });
    } catch {
      // Removed before.
    }
  }
}

function noRoom(label: string, directory: string, reason: string, cause: unknown): RunError {
  const what = `a recording of it cannot be made in "${directory}"`;
  return new RunError(`Cannot read "${label}": ${what}: ${reason}`, {
    hint: "Free space there, or point TMPDIR to a larger disk",
    cause,
  });
}

/** Says a line to somebody at a terminal, and to nobody else. */
export function sayOnTerminal(text: string): void {
  if (Deno.stderr.isTerminal()) writeStderr(text);
}
