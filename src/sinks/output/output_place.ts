/**
 * Where the file of an output goes, in a directory that the user named.
 *
 * @module
 */
import { type Directory, ERRNO, type FileDescriptor, SystemError } from "../../../ffi/mod.ts";
import { RunError } from "../../core/errors.ts";
import { CHOOSE_ANOTHER, outputError, type OutputTarget, reasonOf } from "./output_target.ts";
import { directoryFault } from "./path_trust.ts";
import { ExchangedError, isBeingWritten } from "./work_directory.ts";

/** Names that are tried for a file in a directory that the user named. */
const MAX_NAMES = 1_000;

const PRIVATE_MODE = 0o700;

/** Why no hidden directory can be made for a target, in the user's words. */
export function creationError({ path, directory }: OutputTarget, cause: unknown): unknown {
  if (cause instanceof RunError) return cause;
  const isRefusal = cause instanceof SystemError &&
    ([ERRNO.EACCES, ERRNO.EPERM] as number[]).includes(cause.errno);
  const reason = isRefusal
    ? `directory "${directory.shownPath}" is not writable`
    : cause instanceof ExchangedError
    ? cause.message
    : reasonOf(cause);
  return outputError(path, reason, { hint: CHOOSE_ANOTHER, cause });
}

/** A target whose name nothing has, nor will have when a recording ends that runs now. */
export function freeName(target: OutputTarget): OutputTarget {
  const { directory, name } = target;
  for (let number = 1; number <= MAX_NAMES; number++) {
    const tried = number === 1 ? name : name.replace(/(\.parquet)?$/, `-${number}$1`);
    if (directory.statusOf(tried) === null && !isBeingWritten(directory, tried)) {
      return number === 1 ? target : target.renamed(tried);
    }
  }
  throw outputError(target.path, "file exists", { hint: CHOOSE_ANOTHER });
}

/**
 * The directory below that of the output with these names, one in the other.
 *
 * @param prepare gives each that is made its owner and mode
 * @throws {SystemError} if one cannot be made or opened
 * @throws {RunError} if others may replace files in one
 */
export function openPlace(
  { path, directory, identity }: Pick<OutputTarget, "path" | "directory" | "identity">,
  names: readonly string[],
  prepare: (made: Directory) => void,
): Directory {
  let place = directory.openDirectory(".");
  for (const name of names) {
    using outer = place;
    if (outer.statusOf(name) === null) {
      outer.makeDirectory(name, PRIVATE_MODE);
      using made = outer.openDirectory(name);
      prepare(made);
      outer.sync();
    }
    place = outer.openDirectory(name);
    const fault = directoryFault(place.status(), identity);
    if (fault === null) continue;
    using unsafe = place;
    throw outputError(path, `"${unsafe.shownPath}" is not safe: ${fault}`);
  }
  return place;
}

/** Some file systems have no modes, which is no reason to lose the file. */
export function setMode(file: FileDescriptor, mode: number): void {
  try {
    file.setMode(mode);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
}
