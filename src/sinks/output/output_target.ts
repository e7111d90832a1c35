/**
 * Finds out before a recording whether its output can be written where the user wants it.
 *
 * @module
 */
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { type InspectorErrorOptions, RunError } from "../../core/errors.ts";
import { systemReason } from "../../core/system_reason.ts";

/** Symbolic links that are followed (Linux: MAXSYMLINKS in include/linux/namei.h). */
const MAX_LINKS = 40;

const CHOOSE_ANOTHER = "Choose another path with --output";
const CHOOSE_ANOTHER_NAME = "Choose another name with --output, or leave out --no-clobber";

/** Mode bit of a directory in which only their owners may replace files (inode(7)). */
const STICKY = 0o1000;

/**
 * Follows symbolic links to where a file would be written.
 *
 * @param path as the user gave it
 * @param noClobber refuse a link as the last component
 * @returns absolute path; the file need not exist, its directory does
 * @throws {RunError} if there is no such directory, or a link leads nowhere
 */
export function resolveTarget(path: string, noClobber: boolean): string {
  if (path === "") throw outputError(path, "it has no name");
  if (path.endsWith("/") || [".", ".."].includes(basename(path))) {
    throw outputError(path, "it is a directory", { hint: nameInDirectory(path) });
  }
  let target = resolve(path);
  for (let links = 0; links <= MAX_LINKS; links++) {
    target = join(realDirectory(path, dirname(target)), basename(target));
    const info = lstat(path, target);
    if (!info?.isSymlink) return target;
    if (noClobber) throw existsError(path);
    const link = Deno.readLinkSync(target);
    target = isAbsolute(link) ? link : resolve(dirname(target), link);
  }
  throw outputError(path, "too many levels of symbolic links", { hint: CHOOSE_ANOTHER });
}

/**
 * Checks that a file may be made at a target, or replaced.
 *
 * @param path as the user gave it, for messages
 * @param target what {@linkcode resolveTarget} made of it
 * @throws {RunError} naming what stands in the way
 */
export function checkTarget(path: string, target: string, noClobber: boolean): void {
  const info = lstat(path, target);
  if (!info) return;
  if (info.isDirectory) {
    throw outputError(path, "it is a directory", { hint: nameInDirectory(path) });
  }
  if (!info.isFile) throw outputError(path, `it is a ${kindOf(info)}`, { hint: CHOOSE_ANOTHER });
  if (noClobber) throw existsError(path);
  const directory = Deno.statSync(dirname(target));
  const user = Deno.uid();
  const isStranger = user !== 0 && user !== info.uid && user !== directory.uid;
  if ((directory.mode ?? 0) & STICKY && isStranger) {
    throw outputError(path, "it belongs to another user", { hint: CHOOSE_ANOTHER });
  }
}

function realDirectory(path: string, directory: string): string {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(directory);
    if (info.isDirectory) return Deno.realPathSync(directory);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) {
      const hint = "Create the directory, or choose another path with --output";
      throw outputError(path, `directory "${directory}" does not exist`, { hint, cause });
    }
    throw outputError(path, systemReason(cause), { hint: CHOOSE_ANOTHER, cause });
  }
  throw outputError(path, `"${directory}" is not a directory`, { hint: CHOOSE_ANOTHER });
}

function lstat(path: string, target: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(target);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    throw outputError(path, systemReason(cause), { hint: CHOOSE_ANOTHER, cause });
  }
}

function kindOf(info: Deno.FileInfo): string {
  if (info.isFifo) return "FIFO";
  if (info.isSocket) return "socket";
  return info.isBlockDevice ? "block device" : "character device";
}

function existsError(path: string): RunError {
  return outputError(path, "file exists", { hint: CHOOSE_ANOTHER_NAME });
}

function nameInDirectory(path: string): string {
  return `Name a file in it: --output ${join(path, "traffic.parquet")}`;
}

function outputError(path: string, reason: string, options?: InspectorErrorOptions): RunError {
  return new RunError(`Cannot write "${path}": ${reason}`, options);
}
