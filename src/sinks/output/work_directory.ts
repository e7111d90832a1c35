/**
 * The hidden directory in which a recording is made: `.traffic.parquet.xdp-inspector-1a2b3c4d` beside
 * the output. Only its owner can enter it, and everything in it is reached through one descriptor.
 *
 * @module
 */
import {
  Directory,
  ERRNO,
  FileDescriptor,
  type FileStatus,
  SystemError,
} from "../../../ffi/mod.ts";
import type { UserAndGroup } from "../../core/lesser_user.ts";
import { isRunning, parseRecordingState } from "../../contract/recording_state.ts";
import { isOwnName, isWorthKeeping, STATE_NAME } from "../segments/segment_names.ts";
import { type Identity, isOwn, ownIdentity } from "./path_trust.ts";

/** Bytes of the longest file name (Linux: NAME_MAX in include/uapi/linux/limits.h). */
const NAME_MAX = 255;

/** Names that are tried. */
const ATTEMPTS = 10;

/** How long a thread that was told to end may go on making files, milliseconds. */
const REMOVAL_LIMIT_MS = 10_000;

const ROOT = 0;
const PRIVATE_MODE = 0o700;
const OTHERS = 0o077;

/** The directory of one recording. */
export class WorkDirectory {
  readonly directory: Directory;
  readonly #parent: Directory;
  readonly #name: string;
  readonly #onStep: ((step: string) => void) | undefined;
  #lent: { readonly to: number; readonly from: UserAndGroup } | null = null;

  private constructor(
    directory: Directory,
    parent: Directory,
    name: string,
    onStep?: (step: string) => void,
  ) {
    this.directory = directory;
    this.#parent = parent;
    this.#name = name;
    this.#onStep = onStep;
  }

  /**
   * Makes the directory for a file `target` in `parent`, and makes sure that it is the one that was
   * opened.
   *
   * @throws {SystemError} if none can be made
   * @throws {ExchangedError} if somebody always puts another in its place
   */
  static make(parent: Directory, target: string, onStep?: (step: string) => void): WorkDirectory {
    for (let attempt = 1;; attempt++) {
      const random = crypto.getRandomValues(new Uint32Array(1))[0]!.toString(16).padStart(8, "0");
      const name = hiddenName(target, random);
      try {
        // Not left to the umask: other users shall not see packets before the file is published.
        parent.makeDirectory(name, PRIVATE_MODE);
        onStep?.("work directory made");
        return new WorkDirectory(openMade(parent, name), parent, name, onStep);
      } catch (error) {
        const isPassing = error instanceof ExchangedError ||
          (error instanceof SystemError && error.errno === ERRNO.EEXIST);
        if (!isPassing || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /**
   * Takes over the directory of a recorder that has ended, and locks it.
   *
   * @returns null if it has gone, or is no directory
   */
  static adopt(parent: Directory, name: string): Adoption | null {
    let directory: Directory;
    try {
      directory = parent.openDirectory(name);
    } catch {
      return null;
    }
    try {
      const status = directory.status();
      if (!isOfRecording(status, ownIdentity())) {
        directory[Symbol.dispose]();
        return { kind: "foreign", user: status.uid };
      }
      if (isAlive(directory)) {
        directory[Symbol.dispose]();
        return { kind: "running" };
      }
      return new WorkDirectory(directory, parent, name);
    } catch (error) {
      directory[Symbol.dispose]();
      throw error;
    }
  }

  /** Makes an adopted directory this process's own, so that nobody else exchanges what is in it. */
  takeOver(): void {
    const { user, group } = ownIdentity();
    if (user !== ROOT || this.directory.status().uid === ROOT) return;
    try {
      this.directory.giveTo(user, group);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
    }
  }

  /**
   * Lets another user work in it. The group stays this process's, by which root knows that it is no
   * directory of that user's own.
   *
   * @throws {SystemError} if this file system cannot
   */
  handOver({ user }: UserAndGroup): void {
    const { uid } = this.directory.status();
    const { group } = ownIdentity();
    this.directory.giveTo(user, group);
    // Some file systems say yes and change nothing.
    this.#lent = { to: this.directory.status().uid, from: { user: uid, group } };
  }

  /**
   * Takes it back from that user, if this process may: then nobody else can exchange what is in it.
   * Nothing is written in it any more.
   */
  takeBack(): void {
    if (this.#lent === null) return;
    try {
      this.directory.giveTo(this.#lent.from.user, this.#lent.from.group);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
    }
  }

  /** The user whose files the recording makes. */
  get maker(): number {
    return this.#lent?.to ?? this.directory.status().uid;
  }

  /** Whether somebody has removed it. */
  get isGone(): boolean {
    return this.directory.status().links === 0;
  }

  /** Names of the files that hold packets, and of what says more about them, in order; none without packets. */
  segments(): string[] {
    const kept = this.directory.names().filter(isWorthKeeping).sort();
    return kept.every((name) => name === STATE_NAME) ? [] : kept;
  }

  /** Removes what the recording has made, but for one file. What cannot be removed stays. */
  removeAllBut(kept: readonly string[]): void {
    for (const name of this.directory.names()) {
      if (!isOwnName(name) || kept.includes(name)) continue;
      try {
        this.directory.removeFile(name);
      } catch (error) {
        // Gone already: the writer has renamed it.
        if (!(error instanceof SystemError)) throw error;
      }
    }
  }

  /**
   * Removes the directory and what the recording has made in it.
   *
   * A writer that was told to end goes on until the call that it is in returns, and makes files
   * meanwhile. It cannot once the directory itself is removed, which succeeds only between two files.
   * The descriptor stays valid: a late writer shall meet this directory behind its number, no other.
   *
   * What cannot be removed stays: it is hidden, and must not hide how the recording itself ended.
   */
  remove(): void {
    const end = performance.now() + REMOVAL_LIMIT_MS;
    do {
      try {
        if (this.isGone) return;
        this.#removeWhatCanBeSeen();
        this.#onStep?.("work files removed");
        // Whatever has the name now and is another directory is not ours to remove.
        const named = this.#parent.statusOf(this.#name);
        if (named?.identity !== this.directory.status().identity) return;
        this.#onStep?.("work directory recognised");
        return this.#parent.removeDirectory(this.#name);
      } catch (error) {
        if (!(error instanceof SystemError) || error.errno !== ERRNO.ENOTEMPTY) return;
      }
    } while (this.#hasOnlyOwn() && performance.now() < end);
  }

  /** To look takes a descriptor. Without one an empty directory can be removed all the same. */
  #removeWhatCanBeSeen(): void {
    try {
      this.removeAllBut([]);
    } catch {
      return;
    }
  }

  #hasOnlyOwn(): boolean {
    try {
      return this.directory.names().every((name) => isOwnName(name));
    } catch {
      return false;
    }
  }
}

/** What is found of a recorder: its directory, if it has ended and the directory is ours, or why not. */
export type Adoption =
  | WorkDirectory
  | { readonly kind: "running" }
  | { readonly kind: "foreign"; readonly user: number };

/** Whether a recorder still writes there; if not, nobody else can take it over from now on. */
function isAlive(directory: Directory): boolean {
  try {
    return !directory.tryLock();
  } catch {
    // A file system without such locks.
  }
  try {
    using file = directory.openFile(STATE_NAME);
    const state = parseRecordingState(Deno.readTextFileSync(file.path));
    return state !== null && isRunning(state);
  } catch {
    return false;
  }
}

/** Somebody has put another directory in the place of the one that was made. */
export class ExchangedError extends Error {
  constructor() {
    super("another user puts other directories in the place of ours");
    this.name = "ExchangedError";
  }
}

/**
 * Whether a recording that runs now writes to `target` in `parent`: it holds a lock on its directory,
 * which ends with the process. Directories of other users do not count, nor do those of killed runs.
 */
export function isBeingWritten(parent: Directory, target: string): boolean {
  const pattern = hiddenName(target, "");
  let names: string[];
  try {
    names = parent.names().filter((name) => {
      return name.startsWith(pattern) && /^[0-9a-f]{8}$/.test(name.slice(pattern.length));
    });
  } catch {
    return false; // A directory that may not be listed.
  }
  const identity = ownIdentity();
  return names.some((name) => {
    try {
      using directory = parent.openDirectory(name);
      return isOfRecording(directory.status(), identity) && !directory.tryLock();
    } catch {
      return false;
    }
  });
}

/** Of a recording of ours, of root's, or of root's that goes on as another user. */
function isOfRecording({ uid, gid }: FileStatus, identity: Identity): boolean {
  if (isOwn(uid, identity)) return true;
  // Users cannot give files to a group in which they are not (chown(2)).
  return identity.user === ROOT && gid === identity.group;
}

/** As {@linkcode openOwn}; leaves no directory behind that cannot be used, for want of descriptors say. */
function openMade(parent: Directory, name: string): Directory {
  try {
    return openOwn(parent, name);
  } catch (error) {
    // One that was exchanged is not ours to remove.
    if (!(error instanceof ExchangedError)) removeIfEmpty(parent, name);
    throw error;
  }
}

function removeIfEmpty(parent: Directory, name: string): void {
  try {
    parent.removeDirectory(name);
  } catch {
    // It stays: it is hidden, and must not hide why it cannot be used.
  }
}

/** Opens the directory that was just made, makes sure that it is that one, and locks it. */
function openOwn(parent: Directory, name: string): Directory {
  let directory: Directory;
  try {
    directory = parent.openDirectory(name);
  } catch (error) {
    if (error instanceof SystemError && isExchange(error.errno)) throw new ExchangedError();
    throw error;
  }
  try {
    if (!isOurs(directory, parent, ownIdentity()) || directory.names().length > 0) {
      throw new ExchangedError();
    }
    lock(directory);
    return directory;
  } catch (error) {
    directory[Symbol.dispose]();
    throw error;
  }
}

function isExchange(errno: number): boolean {
  return ([ERRNO.ENOENT, ERRNO.ENOTDIR, ERRNO.ELOOP, ERRNO.EACCES] as number[]).includes(errno);
}

function isOurs(directory: Directory, parent: Directory, identity: Identity): boolean {
  const status = directory.status();
  if (status.uid !== identity.user) return status.uid === ownerOfNewFiles(parent);
  return (status.mode & OTHERS) === 0 || isWithoutModes(parent, status);
}

/** Some file systems give everything to one user: vfat, or NFS to nobody what is root's. */
function ownerOfNewFiles(parent: Directory): number | null {
  return probe(parent)?.uid ?? null;
}

/** As on a memory stick: what a mount option says is the mode of everything. */
function isWithoutModes(parent: Directory, status: FileStatus): boolean {
  const file = probe(parent);
  return file !== null && file.uid === status.uid && (file.mode & OTHERS) !== 0;
}

/** What becomes of a file that is made for its owner alone. The descriptor is of no other file. */
function probe(parent: Directory): FileStatus | null {
  const name = `.xdp-inspector-${crypto.randomUUID()}`;
  let file: FileDescriptor;
  try {
    file = parent.createFile(name, 0o600);
  } catch {
    return null;
  }
  try {
    return file.status();
  } finally {
    file[Symbol.dispose]();
    parent.removeFile(name);
  }
}

function lock(directory: Directory): void {
  try {
    directory.tryLock();
  } catch {
    // A file system without such locks: two recordings to one output are not noticed there.
  }
}

/** `.` + name + mark + random, the name cut at a character so that the whole is not too long. */
function hiddenName(target: string, random: string): string {
  const suffix = `.xdp-inspector-${random}`;
  const missing = 8 - random.length;
  const characters = [...target];
  const encoder = new TextEncoder();
  while (encoder.encode(`.${characters.join("")}${suffix}`).length + missing > NAME_MAX) {
    characters.pop();
  }
  return `.${characters.join("")}${suffix}`;
}
