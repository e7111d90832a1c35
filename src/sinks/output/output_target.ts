/**
 * Finds out before a recording whether its output can be written where the user wants it, and holds
 * the directory open from then on.
 *
 * @module
 */
import { basename, join } from "node:path";
import { Directory, type FileStatus, SystemError } from "../../../ffi/mod.ts";
import { type InspectorErrorOptions, RunError } from "../../core/errors.ts";
import { systemReason } from "../../core/system_reason.ts";
import { isRecording } from "./existing_recording.ts";
import {
  directoryFault,
  type Identity,
  isOwn,
  linkFault,
  ownIdentity,
  replaceFault,
} from "./path_trust.ts";

/** Symbolic links that are followed (Linux: MAXSYMLINKS in include/linux/namei.h). */
const MAX_LINKS = 40;

/** The next step for an output that cannot be made. */
export const CHOOSE_ANOTHER = "Choose another path with --output";
const CHOOSE_ANOTHER_NAME = "Choose another name with --output, or leave out --no-clobber";

/** What may stand at the output's name, and how the file is made. */
export interface OutputOptions {
  /** Fail when a file with this name exists, now or when the recording ends. */
  readonly noClobber: boolean;
  /** Replace a file that is no recording. */
  readonly force?: boolean;
  /** Let the file's group read it. */
  readonly groupRead?: boolean;
  /** What to do about a file that exists, for `noClobber`. */
  readonly existsHint?: string;
  /** Name of the file if the output is a directory. */
  readonly nameInDirectory?: string;
  /** Called after each step, for tests that change something in between. */
  readonly onStep?: (step: string) => void;
}

/** Where a path leads. */
export interface ResolvedPath {
  /** Holds the file, or is what the path names. */
  readonly directory: Directory;
  /** Name of the file in it, which need not exist; null if the path names the directory. */
  readonly name: string | null;
}

/**
 * An output that may be written. Its directory stays open, so that what is done there later needs no
 * path: whoever renames directories meanwhile does not move the output elsewhere.
 */
export class OutputTarget implements Disposable {
  /** For messages: as the user gave it, with the file's name if the user named a directory. */
  readonly path: string;
  readonly directory: Directory;
  /** Name of the file in the directory. */
  readonly name: string;
  /** Whether the name was made up here, and another will do if it is taken. */
  readonly isNamedHere: boolean;
  readonly options: OutputOptions;
  /** Who this process was when the target was opened: it may have become somebody else. */
  readonly identity: Identity = ownIdentity();

  private constructor(path: string, found: ResolvedPath, options: OutputOptions) {
    this.path = path;
    this.directory = found.directory;
    this.isNamedHere = found.name === null;
    this.name = found.name ?? basename(path);
    this.options = options;
  }

  /**
   * Checks that a file may be made at `path`, or replaced. Changes nothing.
   *
   * If the path ends with a symbolic link, what it points at is written, as `cp` and `tcpdump -w` do;
   * with `noClobber` a link counts as an existing file, even if it points nowhere.
   *
   * @throws {RunError} naming what stands in the way
   */
  static open(path: string, options: OutputOptions): OutputTarget {
    const found = resolvePath(path, {
      say: (reason, more) => outputError(path, reason, { hint: CHOOSE_ANOTHER, ...more }),
      onLink: () => {
        if (options.noClobber) throw existsError(path, options);
      },
      onStep: options.onStep,
    });
    try {
      if (found.name !== null) {
        checkReplaceable(path, found.directory, found.name, options, ownIdentity());
        return new OutputTarget(path, found, options);
      }
      const { nameInDirectory } = options;
      if (nameInDirectory === undefined) {
        throw outputError(path, "it is a directory", {
          hint: `Name a file in it: --output ${join(path, "traffic.parquet")}`,
        });
      }
      return new OutputTarget(join(path, nameInDirectory), found, options);
    } catch (error) {
      found.directory[Symbol.dispose]();
      throw error;
    } finally {
      options.onStep?.("target checked");
    }
  }

  /** The same with another name in the directory. Only one of both is to be disposed. */
  renamed(name: string): OutputTarget {
    const path = join(this.path, "..", name);
    return new OutputTarget(path, { directory: this.directory, name: null }, this.options);
  }

  [Symbol.dispose](): void {
    this.directory[Symbol.dispose]();
  }
}

/** What {@linkcode resolvePath} needs to know of its caller. */
export interface PathContext {
  /** Makes the error for the path. */
  readonly say: (reason: string, more?: InspectorErrorOptions) => RunError;
  /** Called for a symbolic link that the path ends with, before it is followed. */
  readonly onLink: () => void;
  readonly onStep?: ((step: string) => void) | undefined;
}

/**
 * Follows a path to a directory that is then held open, name by name: what is checked is what is used.
 *
 * @throws {RunError} from `context.say`: a directory is missing, or {@linkcode directoryFault} or
 * {@linkcode linkFault} has something against it
 */
export function resolvePath(path: string, context: PathContext): ResolvedPath {
  if (path === "") throw context.say("it has no name");
  const walk = new PathWalk(path, context);
  try {
    return walk.run();
  } catch (error) {
    walk.directory[Symbol.dispose]();
    throw error;
  }
}

class PathWalk {
  directory: Directory;
  readonly #context: PathContext;
  readonly #identity: Identity = ownIdentity();
  #names: string[];
  /** A slash at the end says that a directory is meant. */
  #wantsDirectory: boolean;
  #links = 0;
  /** Other users whose links were followed. */
  readonly #linkOwners: number[] = [];

  constructor(path: string, context: PathContext) {
    this.#context = context;
    this.#names = split(path);
    this.#wantsDirectory = endsWithDirectory(path);
    this.directory = attempt(context, () => Directory.begin(path));
  }

  run(): ResolvedPath {
    this.#checkDirectory();
    for (let name = this.#names.shift(); name !== undefined; name = this.#names.shift()) {
      const status = this.#statusOf(name);
      this.#context.onStep?.("name looked up");
      if (status?.kind === "symbolic link") {
        this.#follow(name, status);
        continue;
      }
      if (status?.kind === "directory") {
        this.#enter(attempt(this.#context, () => this.directory.openDirectory(name)));
        continue;
      }
      if (this.#isLast) return this.#found(name);
      const path = join(this.directory.shownPath, name);
      if (status !== null) throw this.#context.say(`"${path}" is not a directory`);
      const hint = "Create the directory, or choose another path";
      throw this.#context.say(`directory "${path}" does not exist`, { hint });
    }
    return this.#found(null);
  }

  get #isLast(): boolean {
    return this.#names.length === 0 && !this.#wantsDirectory;
  }

  #statusOf(name: string): FileStatus | null {
    return attempt(this.#context, () => this.directory.statusOf(name));
  }

  #enter(directory: Directory): void {
    this.directory[Symbol.dispose]();
    this.directory = directory;
    this.#checkDirectory();
  }

  #checkDirectory(): void {
    const fault = directoryFault(this.directory.status(), this.#identity);
    if (fault === null) return;
    const { shownPath } = this.directory;
    // Not as the first thing to do: in Ubuntu /var/log is one for the users of a group, which need it.
    const hint =
      `Choose another path, or take that right from them if nobody needs it: chmod go-w "${shownPath}"`;
    throw this.#context.say(`"${shownPath}" is not safe: ${fault}`, { hint });
  }

  #follow(name: string, link: FileStatus): void {
    const isOutput = this.#names.length === 0;
    const directory = this.directory.status();
    const fault = linkFault(link, directory, isOutput, this.#identity);
    const shown = join(this.directory.shownPath, name);
    if (fault !== null) {
      const reason = isOutput ? fault : `"${shown}" is not safe: ${fault}`;
      throw this.#context.say(reason, { hint: "Remove the link, or choose another path" });
    }
    if (this.#isLast) this.#context.onLink();
    if (++this.#links > MAX_LINKS) throw this.#context.say("too many levels of symbolic links");
    const to = attempt(this.#context, () => this.directory.readLink(name));
    if (to === null) throw this.#context.say(`"${shown}" points at a name that is not UTF-8`);
    this.#context.onStep?.("link read");
    if (!isOwn(link.uid, this.#identity)) this.#linkOwners.push(link.uid);
    this.#names = [...split(to), ...this.#names];
    if (isOutput && endsWithDirectory(to)) this.#wantsDirectory = true;
    if (to.startsWith("/")) this.#enter(attempt(this.#context, () => Directory.begin(to)));
  }

  /** For root, another user's link may lead to a directory of that user's, where he can write anyway. */
  #found(name: string | null): ResolvedPath {
    const { uid } = this.directory.status();
    const stranger = this.#linkOwners.find((owner) => owner !== uid);
    if (stranger !== undefined && this.#identity.user === 0) {
      const reason = `a symbolic link of user ${stranger} leads to "${this.directory.shownPath}"`;
      throw this.#context.say(reason, { hint: "Remove the link, or choose another path" });
    }
    return { directory: this.directory, name };
  }
}

/**
 * Checks that what has a name, if anything has, may be replaced.
 *
 * @param path for messages
 * @param identity on whose behalf
 * @throws {RunError} naming what stands in the way
 */
export function checkReplaceable(
  path: string,
  directory: Directory,
  name: string,
  options: OutputOptions,
  identity: Identity,
): void {
  const say = (reason: string, more?: InspectorErrorOptions) =>
    outputError(path, reason, { hint: CHOOSE_ANOTHER, ...more });
  const status = attempt({ say }, () => directory.statusOf(name));
  if (status === null) return;
  if (status.kind !== "regular file") {
    throw outputError(path, `it is a ${status.kind}`, { hint: CHOOSE_ANOTHER });
  }
  if (options.noClobber) throw existsError(path, options);
  const fault = replaceFault(status, directory.status(), identity);
  if (fault !== null) throw outputError(path, fault, { hint: CHOOSE_ANOTHER });
  if (options.force || status.size === 0 || isRecording(directory, name)) return;
  throw outputError(path, "it exists and is not a recording", {
    hint: "Choose another path with --output, or replace the file with --force",
  });
}

/** The names in a path. "." is none; ".." is the kernel's to look up. */
function split(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

function endsWithDirectory(path: string): boolean {
  return path.endsWith("/") || [".", ".."].includes(basename(path));
}

function attempt<T>(context: Pick<PathContext, "say">, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw context.say(reasonOf(cause), { cause });
  }
}

/** The system's reason for a failure, of our own calls or of Deno's. */
export function reasonOf(error: unknown): string {
  return error instanceof SystemError ? error.reason : systemReason(error);
}

function existsError(path: string, { existsHint }: OutputOptions): RunError {
  return outputError(path, "file exists", { hint: existsHint ?? CHOOSE_ANOTHER_NAME });
}

/** The error for an output that cannot be written. */
export function outputError(
  path: string,
  reason: string,
  options: InspectorErrorOptions = { hint: CHOOSE_ANOTHER },
): RunError {
  return new RunError(`Cannot write "${path}": ${reason}`, options);
}
