/**
 * The file that an answer is written to: made under another name beside its own, and renamed when it
 * is complete.
 *
 * @module
 */
import { type Directory, type FileDescriptor, mayWriteIn } from "../../../ffi/mod.ts";
import { RunError } from "../../core/errors.ts";
import { forgetRaisableFileRights, withFileRights } from "./file_rights.ts";
import { moveNoReplace } from "./no_replace.ts";
import {
  checkReplaceable,
  CHOOSE_ANOTHER,
  outputError,
  type OutputOptions,
  OutputTarget,
  reasonOf,
} from "./output_target.ts";
import { quietly } from "./quietly.ts";
import { callerOfSudo } from "../../core/lesser_user.ts";

/** Addresses are in it. */
const PRIVATE_MODE = 0o600;

/** Mode bit of a directory in which only their owners may rename files (inode(7)). */
const STICKY = 0o1000;

/** What an answer may do to what has its file's name. */
export interface AnswerFileOptions {
  /** Replace a file; without it none is. */
  readonly force: boolean;
  /** Called after each step, for tests that change something in between. */
  readonly onStep?: (step: string) => void;
}

/**
 * A file in the making. As recordings do, it works through descriptors, and root leaves nothing to names
 * of others.
 */
export class AnswerFile implements Disposable {
  readonly #target: OutputTarget;
  readonly #file: FileDescriptor;
  /** Name of the file until it is complete. */
  readonly #temporary: string;
  #isOpen = true;

  private constructor(target: OutputTarget, file: FileDescriptor, temporary: string) {
    this.#target = target;
    this.#file = file;
    this.#temporary = temporary;
  }

  /**
   * Makes the file under its temporary name, for the caller of sudo if there is one.
   *
   * @throws {RunError} naming what stands in the way, before there is an answer
   */
  static create(path: string, { force, onStep }: AnswerFileOptions): AnswerFile {
    return withFileRights(() => {
      const options: OutputOptions = {
        noClobber: !force,
        force,
        existsHint: "Choose another path with --output, or replace the file with --force",
        ...(onStep && { onStep }),
      };
      const target = OutputTarget.open(path, options);
      // The name cannot be guessed and so not be prepared by others.
      const temporary = `.xdp-inspector-${crypto.randomUUID()}`;
      try {
        const { directory, name } = target;
        const replaced = directory.statusOf(name);
        const mode = PRIVATE_MODE & (replaced?.mode ?? PRIVATE_MODE);
        const file = directory.createFile(temporary, PRIVATE_MODE);
        onStep?.("file made");
        // Some file systems know no modes or users, which is no reason to lose the answer.
        quietly(() => file.setMode(mode));
        const owner = callerOfSudo();
        if (owner !== null) quietly(() => file.giveTo(owner.user, owner.group));
        return new AnswerFile(target, file, temporary);
      } catch (cause) {
        target[Symbol.dispose]();
        throw outputError(path, reasonOf(cause), { hint: CHOOSE_ANOTHER, cause });
      }
    });
  }

  /** Gives up the right to rename files anywhere, unless it takes that. For who has become another user. */
  forgetNeedlessRights(): void {
    if (mayRenameIn(this.#target.directory)) forgetRaisableFileRights();
  }

  /**
   * Makes sure that no file that is read would be replaced.
   *
   * @param paths of the files
   * @throws {RunError} naming the file
   */
  checkNoneIs(paths: readonly string[]): void {
    const { directory, name, path } = this.#target;
    if (directory.statusOf(name) === null) return;
    const { dev, ino } = Deno.lstatSync(`${directory.path}/${name}`);
    for (const read of paths) {
      const status = Deno.statSync(read);
      if (status.dev !== dev || status.ino !== ino) continue;
      throw outputError(path, "it is one of the files that are read", { hint: CHOOSE_ANOTHER });
    }
  }

  /** @throws {RunError} the disk is full, or another reason of the system's */
  write(data: string | Uint8Array<ArrayBuffer>): void {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    this.#attempt(() => this.#file.write(bytes));
  }

  /**
   * Brings the file onto the disk and gives it its name, in one step.
   *
   * @throws {RunError} if that fails; nothing is left then
   */
  publish(): void {
    const { path, directory, name, options, identity } = this.#target;
    withFileRights(() => {
      this.#attempt(() => {
        this.#file.sync();
        options.onStep?.("file complete");
        const own = directory.statusOf(this.#temporary);
        if (own?.identity !== this.#file.status().identity) {
          throw outputError(path, "another file was put in its place", { hint: CHOOSE_ANOTHER });
        }
        if (options.noClobber) moveNoReplace(directory, this.#temporary, directory, name);
        else {
          // Once more: an answer can take long.
          checkReplaceable(path, directory, name, options, identity);
          options.onStep?.("target checked again");
          directory.move(this.#temporary, directory, name);
        }
        this.#isOpen = false;
        directory.sync();
      });
    });
  }

  /** Removes what is not complete. */
  [Symbol.dispose](): void {
    if (this.#isOpen) {
      this.#isOpen = false;
      withFileRights(() => quietly(() => this.#target.directory.removeFile(this.#temporary)));
    }
    this.#file[Symbol.dispose]();
    this.#target[Symbol.dispose]();
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (cause) {
      if (cause instanceof RunError) throw cause;
      throw outputError(this.#target.path, reasonOf(cause), { hint: CHOOSE_ANOTHER, cause });
    }
  }
}

/** Whether this process may rename files of any owner there, without the right to do so anywhere. */
function mayRenameIn(directory: Directory): boolean {
  const { mode, uid } = directory.status();
  return mayWriteIn(directory.path) && ((mode & STICKY) === 0 || uid === Deno.uid());
}
