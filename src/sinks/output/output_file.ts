/**
 * The output file: checked before the capture begins, made under a temporary name beside the target,
 * and given its final name only when it is complete and on the disk.
 *
 * @module
 */
import { lchownSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { mayWriteIn, openDirectory, type UserAndGroup } from "../../../ffi/mod.ts";
import { RunError } from "../../core/errors.ts";
import { systemReason } from "../../core/system_reason.ts";
import { withFileRights } from "./file_rights.ts";
import { syncPath } from "./sync_path.ts";
import { checkTarget, resolveTarget } from "./output_target.ts";

/** Bytes of the longest file name (Linux: NAME_MAX in include/uapi/linux/limits.h). */
const NAME_MAX = 255;

/** Mode bit of a directory in which users may replace only what is theirs (inode(7)). */
const STICKY = 0o1000;

/** Names that are tried for the work directory. */
const ATTEMPTS = 10;

/** User and group ids are 32 bits; the largest value means "leave as it is" to chown(2). */
const MAX_ID = 2 ** 32 - 2;

const CHOOSE_ANOTHER = "Choose another path with --output";

export interface OutputFileOptions {
  /** Fail when a file with this name exists, now or when the recording ends. */
  readonly noClobber: boolean;
}

/**
 * A file in the making. It lives in a hidden directory beside the target, which only its owner can
 * enter: `.traffic.parquet.xdp-inspector-1a2b3c4d`. Such directories of crashed runs are left alone.
 *
 * If the target is a symbolic link, what it points at is written, as `cp` and `tcpdump -w` do; with
 * `noClobber` a link counts as an existing file, even if it points nowhere.
 */
export class OutputFile implements Disposable {
  /** Absolute path of the hidden directory, for everything temporary. */
  readonly workDirectory: string;
  /** Where the complete file must be when {@linkcode OutputFile.publish} is called. */
  readonly temporaryPath: string;
  /** As the user gave it, for messages. */
  readonly #path: string;
  /** Absolute, without symbolic links. */
  readonly #target: string;
  readonly #noClobber: boolean;
  /** Who gets the file; undefined = the caller of sudo. */
  #owner: UserAndGroup | null | undefined;
  #descriptor: number | undefined;
  #state: "open" | "published" | "kept" | "discarded" = "open";

  private constructor(path: string, target: string, workDirectory: string, noClobber: boolean) {
    this.#path = path;
    this.#target = target;
    this.#noClobber = noClobber;
    this.workDirectory = workDirectory;
    this.temporaryPath = join(workDirectory, "complete.parquet");
  }

  /**
   * Checks that a file can be made at `path` and makes the work directory. Call it before anything
   * is attached.
   *
   * @throws {RunError} naming what stands in the way
   */
  static prepare(path: string, options: OutputFileOptions): OutputFile {
    const target = resolveTarget(path, options.noClobber);
    checkTarget(path, target, options.noClobber);
    return new OutputFile(path, target, makeWorkDirectory(path, target), options.noClobber);
  }

  /**
   * The same paths for a process that has become somebody who may not enter the directories above. They
   * are valid as long as the process.
   */
  get inner(): { readonly workDirectory: string; readonly temporaryPath: string } {
    this.#descriptor ??= openDirectory(this.workDirectory);
    const workDirectory = `/proc/self/fd/${this.#descriptor}`;
    return { workDirectory, temporaryPath: join(workDirectory, basename(this.temporaryPath)) };
  }

  /** An error of a writer that knows only {@linkcode OutputFile.inner}, with the real paths. */
  explain(error: unknown): unknown {
    if (this.#descriptor === undefined || !(error instanceof RunError)) return error;
    const { message, hint, cause } = error;
    const { workDirectory } = this.inner;
    if (!message.includes(workDirectory)) return error;
    const real = message.replaceAll(workDirectory, this.workDirectory);
    return new RunError(real, { cause, ...hint !== undefined && { hint } });
  }

  /**
   * Makes this ready for a process that becomes another user.
   *
   * @param writer who will write in the work directory; null = the same as now
   * @param owner who gets the file; null = whoever made it
   * @returns whether the writer can; a file system that knows no users cannot let it
   */
  handOver(writer: UserAndGroup | null, owner: UserAndGroup | null): boolean {
    this.#owner = owner;
    return writer === null || giveTo(this.workDirectory, writer) === null;
  }

  /** Whether the process can publish the file without the rights of {@linkcode withFileRights}. */
  isPublishableBy(user: UserAndGroup): boolean {
    const directory = dirname(this.#target);
    if (this.#owner && this.#owner.user !== user.user) return false;
    if (!mayWriteIn(directory)) return false;
    const { mode, uid } = Deno.statSync(directory);
    // In a sticky directory only the owner of a file may replace it (inode(7)).
    if (((mode ?? 0) & STICKY) === 0 || uid === user.user) return true;
    const replaced = ownerOf(this.#target);
    return replaced === undefined || replaced === user.user;
  }

  /**
   * Brings the file at {@linkcode OutputFile.temporaryPath} onto the disk and gives it its final
   * name, in one step: whoever opens that name finds the old file or the complete new one. When run
   * by sudo the file belongs to the user who called it. Removes the work directory.
   *
   * @returns why the file could not be given to the caller of sudo; null if it was, or need not be
   * @throws {RunError} if the rest fails; what is complete then stays in the work directory, also after
   * `discard`, and the hint says where
   */
  publish(): string | null {
    return withFileRights(() => this.#publish());
  }

  #publish(): string | null {
    if (this.#state !== "open") throw new Error(`Cannot publish a file that is ${this.#state}`);
    try {
      syncPath(this.temporaryPath);
    } catch (cause) {
      // Whether the joined file is complete is not known now; the segments are.
      const kept = this.keepSegments();
      throw new RunError(`Cannot write "${this.#path}": ${systemReason(cause)}`, {
        hint: kept === null ? CHOOSE_ANOTHER : `What was recorded is in "${kept}"`,
        cause,
      });
    }
    const refusal = this.#giveAway(this.temporaryPath);
    try {
      if (this.#noClobber) moveNoReplace(this.temporaryPath, this.#target);
      else Deno.renameSync(this.temporaryPath, this.#target);
    } catch (cause) {
      this.#state = "kept";
      this.#removeAllButResult();
      throw new RunError(`Cannot write "${this.#path}": ${systemReason(cause)}`, {
        hint: `Move the complete recording, "${this.temporaryPath}", to another place`,
        cause,
      });
    }
    this.#state = "published";
    try {
      syncPath(dirname(this.#target));
    } catch (cause) {
      throw new RunError(`Cannot bring "${this.#path}" onto the disk: ${systemReason(cause)}`, {
        cause,
      });
    } finally {
      removeTree(this.workDirectory);
    }
    return refusal === null ? null : `Cannot give "${this.#path}" to its user: ${refusal}`;
  }

  /** Removes everything that `prepare` and the recording made. Idempotent; no-op after `publish`. */
  discard(): void {
    if (this.#state !== "open") return;
    this.#state = "discarded";
    withFileRights(() => removeTree(this.workDirectory));
  }

  /**
   * Keeps the segments that a failed recording has closed: each is a complete Parquet file.
   *
   * @returns the directory that holds them, which `discard` then leaves alone; null if there are none
   */
  keepSegments(): string | null {
    return withFileRights(() => this.#keepSegments());
  }

  #keepSegments(): string | null {
    if (this.#state !== "open") return null;
    removeTree(this.temporaryPath);
    for (const { name } of Deno.readDirSync(this.workDirectory)) {
      if (!name.endsWith(".parquet")) continue;
      this.#state = "kept";
      this.#giveAway(join(this.workDirectory, name));
    }
    if (this.#state === "open") return null;
    this.#giveAway(this.workDirectory);
    return this.workDirectory;
  }

  [Symbol.dispose](): void {
    this.discard();
  }

  /**
   * Gives a file to whom it is for. Some file systems refuse that, which is no reason to lose the file.
   *
   * @returns the reason of the refusal; null if there is none
   */
  #giveAway(path: string): string | null {
    const owner = this.#owner === undefined ? callerOfSudo() : this.#owner;
    return owner === null ? null : giveTo(path, owner);
  }

  #removeAllButResult(): void {
    for (const { name } of Deno.readDirSync(this.workDirectory)) {
      if (name !== basename(this.temporaryPath)) removeTree(join(this.workDirectory, name));
    }
  }
}

function makeWorkDirectory(path: string, target: string): string {
  const directory = dirname(target);
  for (let attempt = 1;; attempt++) {
    const random = crypto.getRandomValues(new Uint32Array(1))[0]!.toString(16).padStart(8, "0");
    const workDirectory = join(directory, hiddenName(basename(target), `.xdp-inspector-${random}`));
    try {
      // Not left to the umask: other users shall not see packets before the file is published.
      Deno.mkdirSync(workDirectory, { mode: 0o700 });
      return workDirectory;
    } catch (cause) {
      if (cause instanceof Deno.errors.AlreadyExists && attempt < ATTEMPTS) continue;
      const reason = cause instanceof Deno.errors.PermissionDenied
        ? `directory "${directory}" is not writable`
        : systemReason(cause);
      throw new RunError(`Cannot write "${path}": ${reason}`, { hint: CHOOSE_ANOTHER, cause });
    }
  }
}

/** `.` + name + suffix, the name cut at a character so that the whole is not too long. */
function hiddenName(name: string, suffix: string): string {
  const characters = [...name];
  const encoder = new TextEncoder();
  while (encoder.encode(`.${characters.join("")}${suffix}`).length > NAME_MAX) characters.pop();
  return `.${characters.join("")}${suffix}`;
}

/**
 * Gives a file another name, which fails if that exists (link(2)); the first name goes away with the
 * work directory. On a file system without hard links the name is reserved by an empty file first.
 */
function moveNoReplace(from: string, to: string): void {
  try {
    return Deno.linkSync(from, to);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (!["EPERM", "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EMLINK"].includes(code ?? "")) throw error;
  }
  Deno.openSync(to, { write: true, createNew: true }).close();
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    Deno.removeSync(to);
    throw error;
  }
}

/** The user who called sudo; null if this is not root, or was not called by sudo. */
function callerOfSudo(): UserAndGroup | null {
  if (Deno.uid() !== 0) return null;
  const user = parseId(Deno.env.get("SUDO_UID"));
  const group = parseId(Deno.env.get("SUDO_GID"));
  return user === null || group === null ? null : { user, group };
}

/**
 * A symbolic link is not followed: the directory above may be somebody's who puts one there.
 *
 * @returns the reason of a refusal; null if there is none
 */
function giveTo(path: string, { user, group }: UserAndGroup): string | null {
  try {
    lchownSync(path, user, group);
    return null;
  } catch (error) {
    return systemReason(error);
  }
}

/** @returns undefined if there is no such file */
function ownerOf(path: string): number | null | undefined {
  try {
    return Deno.lstatSync(path).uid;
  } catch {
    return undefined;
  }
}

function parseId(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return null;
  const id = Number(text);
  return id <= MAX_ID ? id : null;
}

/** What cannot be removed stays: it is hidden, and must not hide how the recording itself ended. */
function removeTree(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    return;
  }
}
