/**
 * The file that tells a waiting script that packets are being recorded: the process id in a line.
 *
 * @module
 */
import { type Directory, type FileDescriptor, type FileStatus } from "../../../ffi/mod.ts";
import { callerOfSudo, type UserAndGroup } from "../../core/lesser_user.ts";
import { type InspectorErrorOptions, RunError } from "../../core/errors.ts";
import { moveNoReplace } from "./no_replace.ts";
import { reasonOf, resolvePath } from "./output_target.ts";
import { quietly } from "./quietly.ts";

const MODE = 0o600;

/** Longest content: a process id has at most ten digits. */
const MAX_BYTES = 11;
const CONTENT = /^\d{1,10}\n$/;

/**
 * A ready file. Its directory is held open, so that checking, removing and making it concern the same
 * one. Only a file that a ready file may be is ever removed.
 */
export class ReadyFile implements Disposable {
  readonly #path: string;
  readonly #directory: Directory;
  readonly #name: string;

  private constructor(path: string, directory: Directory, name: string) {
    this.#path = path;
    this.#directory = directory;
    this.#name = name;
  }

  /**
   * Checks that a ready file may be made at `path`. Changes nothing.
   *
   * @throws {RunError} if there is something else than a ready file, or the path cannot be trusted
   */
  static open(path: string): ReadyFile {
    const { directory, name } = resolvePath(path, {
      say: (reason, more) => readyFileError(path, reason, more),
      onLink: () => {
        throw readyFileError(path, "it is a symbolic link");
      },
    });
    try {
      if (name === null) throw readyFileError(path, "it is a directory");
      const file = new ReadyFile(path, directory, name);
      file.#check();
      return file;
    } catch (error) {
      directory[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Removes the ready file of an earlier recording, which would tell a waiting script that this one has
   * begun.
   *
   * @throws {RunError} as {@linkcode ReadyFile.open}
   */
  removeOld(): void {
    if (this.#check() === null) return;
    this.#attempt(() => this.#directory.removeFile(this.#name));
  }

  /**
   * Makes the file, complete in one step.
   *
   * @param owner who gets it; null = whoever makes it
   * @throws {RunError} if it cannot be made; there is none then
   */
  write(owner: UserAndGroup | null = callerOfSudo()): void {
    const temporary = `.xdp-inspector-${crypto.randomUUID()}`;
    const directory = this.#directory;
    this.#attempt(() => {
      using file = directory.createFile(temporary, MODE);
      try {
        fill(file, owner);
        moveNoReplace(directory, temporary, directory, this.#name);
      } catch (error) {
        quietly(() => directory.removeFile(temporary));
        throw error;
      }
    });
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
  }

  /** @returns what is there; null if nothing is */
  #check(): FileStatus | null {
    const status = this.#attempt(() => this.#directory.statusOf(this.#name));
    if (status === null) return null;
    if (status.kind !== "regular file") {
      throw readyFileError(this.#path, `it is a ${status.kind}`);
    }
    if (this.#attempt(() => holdsProcessId(this.#directory, this.#name))) return status;
    throw readyFileError(this.#path, "it exists and is no ready file", {
      hint: "Name another file, or remove this one",
    });
  }

  #attempt<T>(call: () => T): T {
    try {
      return call();
    } catch (cause) {
      if (cause instanceof RunError) throw cause;
      throw readyFileError(this.#path, reasonOf(cause), { cause });
    }
  }
}

function holdsProcessId(directory: Directory, name: string): boolean {
  using descriptor = directory.openFile(name);
  if (descriptor.status().kind !== "regular file") return false;
  using file = Deno.openSync(descriptor.path, { read: true });
  const bytes = new Uint8Array(MAX_BYTES + 1);
  const count = file.readSync(bytes) ?? 0;
  return CONTENT.test(new TextDecoder().decode(bytes.subarray(0, count)));
}

function fill(file: FileDescriptor, owner: UserAndGroup | null): void {
  file.write(new TextEncoder().encode(`${Deno.pid}\n`));
  // Some file systems know no users or modes, which is no reason to record nothing.
  quietly(() => file.setMode(MODE));
  if (owner !== null) quietly(() => file.giveTo(owner.user, owner.group));
}

function readyFileError(
  path: string,
  reason: string,
  options: InspectorErrorOptions = {},
): RunError {
  return new RunError(`Cannot create the ready file "${path}": ${reason}`, {
    ...options,
    hint: options.hint ?? "Name a file in a directory that exists and can be written to",
  });
}
