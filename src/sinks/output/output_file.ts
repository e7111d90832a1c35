/**
 * The output file: made under a temporary name beside the target, and given its final name only when
 * it is complete and on the disk.
 *
 * @module
 */
import { type Directory, type FileDescriptor, mayWriteIn, SystemError } from "../../../ffi/mod.ts";
import { callerOfSudo, type UserAndGroup } from "../../core/lesser_user.ts";
import { RunError } from "../../core/errors.ts";
import { withFileRights } from "./file_rights.ts";
import { creationError, freeName, openPlace, setMode } from "./output_place.ts";
import { moveNoReplace } from "./no_replace.ts";
import {
  checkReplaceable,
  CHOOSE_ANOTHER,
  outputError,
  type OutputOptions,
  OutputTarget,
  reasonOf,
} from "./output_target.ts";
import { COMPLETE_NAME } from "../segments/segment_names.ts";
import { inTurn } from "./turns.ts";
import { isBeingWritten, WorkDirectory } from "./work_directory.ts";

/** Mode of the file, and with `groupRead`. */
const PRIVATE_MODE = 0o600;
const OWNER_READ = 0o400;
const GROUP_READ = 0o040;
const SHARED_DIRECTORY_MODE = 0o750;

/**
 * A file in the making. It lives in a hidden directory beside the target, which only its owner can
 * enter. Such directories of crashed runs are left alone.
 *
 * Both directories stay open, and everything is done through their descriptors: what others do to the
 * names of either does not lead it elsewhere.
 */
export class OutputFile implements Disposable {
  /** Path of the hidden directory, for everything temporary. Any thread may use it, no other process. */
  readonly workDirectory: string;
  /** Where the complete file must be when {@linkcode OutputFile.publish} is called. */
  readonly temporaryPath: string;
  readonly #target: OutputTarget;
  readonly #work: WorkDirectory;
  /** Where the directory was at the beginning. */
  readonly #place: string;
  /** Who gets the file; null = whoever makes it. */
  #owner = callerOfSudo();
  #state: "open" | "published" | "kept" | "discarded" = "open";

  private constructor(target: OutputTarget, work: WorkDirectory) {
    this.#target = target;
    this.#work = work;
    this.#place = target.directory.shownPath;
    this.workDirectory = work.directory.path;
    this.temporaryPath = `${this.workDirectory}/${COMPLETE_NAME}`;
  }

  /**
   * Checks that a file can be made at `path` and makes the work directory. Call it before anything
   * is attached.
   *
   * @throws {RunError} naming what stands in the way
   */
  static prepare(path: string, options: OutputOptions): OutputFile {
    return OutputFile.create(OutputTarget.open(path, options));
  }

  /**
   * Makes the work directory for a target.
   *
   * @param target taken over: it is disposed with this, or if this fails
   * @throws {RunError} if it cannot be made, or another recording has the same target
   */
  static create(target: OutputTarget): OutputFile {
    const { path, directory, options } = target;
    try {
      return inTurn(directory, () => {
        const free = target.isNamedHere ? freeName(target) : target;
        if (isBeingWritten(directory, free.name)) {
          throw outputError(path, "another recording is being written there", {
            hint: "Choose another path with --output, or end the other recording first",
          });
        }
        return new OutputFile(free, WorkDirectory.make(directory, free.name, options.onStep));
      });
    } catch (cause) {
      try {
        throw creationError(target, cause);
      } finally {
        target[Symbol.dispose]();
      }
    }
  }

  /** Name that the file is to get, in its directory. */
  get name(): string {
    return this.#target.name;
  }

  /** The output as the user gave it, with the file's name if that was a directory. */
  get path(): string {
    return this.#target.path;
  }

  /**
   * Makes this ready for a process that becomes another user. Without it the caller of sudo gets the file.
   *
   * @param writer who will write in the work directory; null = the same as now
   * @param owner who gets the file; null = whoever makes it
   * @returns whether the writer can; a file system that knows no users cannot let it
   */
  handOver(writer: UserAndGroup | null, owner: UserAndGroup | null): boolean {
    this.#owner = owner;
    if (writer === null) return true;
    try {
      this.#work.handOver(writer);
      return true;
    } catch (error) {
      if (error instanceof SystemError) return false;
      throw error;
    }
  }

  /** Whether the process, which has become `user`, can publish the file without {@linkcode withFileRights}. */
  isPublishableBy({ user }: UserAndGroup): boolean {
    const { directory, name } = this.#target;
    if (this.#owner !== null && this.#owner.user !== user) return false;
    if (!mayWriteIn(directory.path)) return false;
    // What is replaced is looked at; and in a sticky directory only its owner may replace it (inode(7)).
    const replaced = directory.statusOf(name);
    return replaced === null || (replaced.uid === user && (replaced.mode & OWNER_READ) !== 0);
  }

  /**
   * Brings the file at {@linkcode OutputFile.temporaryPath} onto the disk and gives it its final
   * name, in one step: whoever opens that name finds the old file or the complete new one. Gives it to
   * its owner. Removes the work directory.
   *
   * @returns why the file could not be given to its owner; null if it was, or need not be
   * @throws {RunError} if the rest fails; what is complete then stays in the work directory, also after
   * `discard`, and the hint says where
   */
  publish(): string | null {
    return withFileRights(() => this.#publish());
  }

  #publish(): string | null {
    if (this.#state !== "open") throw new Error(`Cannot publish a file that is ${this.#state}`);
    this.#work.takeBack();
    const refusal = this.#finish();
    this.#step("file finished");
    this.#move();
    this.#state = "published";
    this.#step("file moved");
    try {
      this.#target.directory.sync();
    } catch (cause) {
      throw new RunError(`Cannot bring "${this.path}" onto the disk: ${reasonOf(cause)}`, {
        cause,
      });
    } finally {
      this.#step("directory synced");
      this.#work.remove();
      this.#step("work directory removed");
    }
    this.#checkPlace();
    return refusal === null ? null : `Cannot give "${this.path}" to its user: ${refusal}`;
  }

  /**
   * Gives a file of the work directory, which is complete and on the disk, a name that nothing has.
   *
   * @param directories names of directories below that of the output, which are made
   * @returns where it is, and why it could not be given to its owner, null if it was
   * @throws {SystemError | RunError} `EEXIST` if the name is taken
   */
  publishPart(
    workName: string,
    directories: readonly string[],
    name: string,
  ): { path: string; refusal: string | null } {
    return withFileRights(() => {
      using file = this.#openOwn(workName);
      using place = openPlace(this.#target, directories, (made) => {
        if (this.#target.options.groupRead) setMode(made, SHARED_DIRECTORY_MODE);
        this.#giveAway(made);
      });
      setMode(file, this.#wantedMode);
      const refusal = this.#giveAway(file);
      file.sync();
      const { identity } = file.status();
      this.#step("part finished");
      moveNoReplace(this.#work.directory, workName, place, name);
      if (place.statusOf(name)?.identity !== identity) {
        throw outputError(this.path, "another file was put in its place");
      }
      place.sync();
      return { path: `${place.shownPath}/${name}`, refusal };
    });
  }

  /** With the right to remove files of earlier parts. */
  withRights<T>(action: (directory: Directory) => T): T {
    return withFileRights(() => action(this.#target.directory));
  }

  /** Removes everything that was made here. Idempotent; no-op after `publish`. Never throws. */
  discard(): void {
    if (this.#state !== "open") return;
    this.#state = "discarded";
    withFileRights(() => this.#work.remove());
  }

  /**
   * Keeps the segments that a failed recording has closed: each is a complete Parquet file. Never
   * throws: it must not hide the failure.
   *
   * @returns the directory that holds them, which `discard` then leaves alone; null if there are none
   */
  keepSegments(): string | null {
    if (this.#state !== "open") return null;
    try {
      return withFileRights(() => {
        if (this.#work.isGone) return null;
        const segments = this.#work.segments();
        return segments.length === 0 ? null : this.#keep(segments);
      });
    } catch {
      return null;
    }
  }

  /**
   * An error of the recording in the user's words: the writer knows its files by descriptor only.
   *
   * @returns the error itself if it has nothing to do with the output
   */
  explain(error: Error): Error {
    if (!error.message.includes(this.workDirectory)) return error;
    const { cause, hint } = error as RunError;
    try {
      const reason = this.#goneReason() ?? this.#movedReason(error);
      if (reason !== null) {
        return outputError(this.path, reason, { hint: CHOOSE_ANOTHER, cause: error });
      }
      const { shownPath } = this.#work.directory;
      const message = error.message.replaceAll(this.workDirectory, shownPath);
      return new RunError(message, { cause, ...hint !== undefined && { hint } });
    } catch {
      return error;
    }
  }

  /** Removes what is temporary. Its descriptor stays open: see {@linkcode WorkDirectory.remove}. */
  [Symbol.dispose](): void {
    this.discard();
    if (this.#state === "published") this.#work.directory[Symbol.dispose]();
    this.#target[Symbol.dispose]();
  }

  /** Onto the disk, with the right owner and mode. */
  #finish(): string | null {
    try {
      using file = this.#openOwn(COMPLETE_NAME);
      this.#step("file opened");
      setMode(file, this.#mode());
      const refusal = this.#giveAway(file);
      file.sync();
      return refusal;
    } catch (cause) {
      // Whether the joined file is complete is not known now; the segments are.
      const kept = this.keepSegments();
      throw outputError(this.path, this.#goneReason() ?? reasonOf(cause), {
        hint: kept === null ? CHOOSE_ANOTHER : `What was recorded is in "${kept}"`,
        cause,
      });
    }
  }

  /**
   * Opens a file to give it away. The user that the recording has become can put files of others in the
   * work directory (rename(2), link(2)): they stay whose they are.
   */
  #openOwn(name: string): FileDescriptor {
    using stack = new DisposableStack();
    const { directory, maker } = this.#work;
    const file = stack.use(directory.openFile(name));
    const { kind, links, uid } = file.status();
    if (kind !== "regular file") throw new Error(`it has become a ${kind}`);
    const isOurs = uid === maker || uid === this.#owner?.user;
    if (!isOurs || links > 1) throw new Error("another file was put in its place");
    stack.move();
    return file;
  }

  #move(): void {
    const { directory, name, options, isNamedHere, identity } = this.#target;
    try {
      if (!isNamedHere && !options.noClobber) {
        // Once more: a recording takes long.
        checkReplaceable(this.path, directory, name, options, identity);
        this.#step("target checked again");
        this.#work.directory.move(COMPLETE_NAME, directory, name);
      } else moveNoReplace(this.#work.directory, COMPLETE_NAME, directory, name);
    } catch (cause) {
      const kept = this.#keep([COMPLETE_NAME]);
      const message = cause instanceof RunError
        ? cause.message
        : `Cannot write "${this.path}": ${this.#goneReason() ?? reasonOf(cause)}`;
      const hint = kept === null
        ? CHOOSE_ANOTHER
        : `Move the complete recording, "${kept}/${COMPLETE_NAME}", to another place`;
      throw new RunError(message, { hint, cause });
    }
  }

  get #wantedMode(): number {
    return this.#target.options.groupRead ? PRIVATE_MODE | GROUP_READ : PRIVATE_MODE;
  }

  /** Mode for the file: a stricter one of the file that it replaces is kept. */
  #mode(): number {
    const { directory, name } = this.#target;
    const wanted = this.#wantedMode;
    const replaced = directory.statusOf(name);
    if (replaced?.kind !== "regular file") return wanted;
    // Who asks for the group gets it.
    return wanted & (replaced.mode | GROUP_READ);
  }

  /**
   * Leaves some files in the work directory, for their owner, and nothing else. Never throws.
   *
   * @returns the directory; null if it is gone
   */
  #keep(names: readonly string[]): string | null {
    const { directory } = this.#work;
    try {
      if (this.#work.isGone) return null;
      this.#state = "kept";
      this.#work.removeAllBut(names);
      for (const name of names) {
        using file = this.#openOwn(name);
        setMode(file, PRIVATE_MODE);
        this.#giveAway(file);
      }
      this.#giveAway(directory);
      return directory.shownPath;
    } catch {
      // What could not be given away is there all the same.
      return this.#state === "kept" ? directory.shownPath : null;
    }
  }

  /**
   * Gives a file to whom it is for. Some file systems refuse that, which is no reason to lose the file.
   *
   * @returns the reason of the refusal; null if there is none
   */
  #giveAway(file: FileDescriptor): string | null {
    if (this.#owner === null) return null;
    try {
      file.giveTo(this.#owner.user, this.#owner.group);
      return null;
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** DuckDB's lock on other directories knows this one by the name that it had. */
  #movedReason(error: Error): string | null {
    const isMoved = this.#target.directory.shownPath !== this.#place;
    if (!isMoved || !error.message.includes("disabled by configuration")) return null;
    return `its directory "${this.#place}" was moved meanwhile`;
  }

  #goneReason(): string | null {
    return this.#work.isGone ? `its directory "${this.#place}" was removed` : null;
  }

  /** The file is where the directory is; that may no longer be where the user wants it. */
  #checkPlace(): void {
    const place = this.#target.directory.shownPath;
    if (place === this.#place) return;
    throw outputError(this.path, `its directory "${this.#place}" was moved meanwhile`, {
      hint: `The complete recording is "${place}/${this.#target.name}"`,
    });
  }

  #step(step: string): void {
    this.#target.options.onStep?.(step);
  }
}
