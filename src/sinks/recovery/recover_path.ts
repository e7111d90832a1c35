/**
 * Makes recordings of what killed recorders have left at a path, and removes the rest.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { Directory, ERRNO, SystemError } from "../../../ffi/mod.ts";
import { outputOfWorkDirectory } from "../../contract/recording_state.ts";
import { type InspectorErrorOptions, RunError } from "../../core/errors.ts";
import { isThere } from "../../core/is_there.ts";
import { moveNoReplace } from "../output/no_replace.ts";
import { reasonOf, resolvePath } from "../output/output_target.ts";
import { callerOfSudo } from "../../core/lesser_user.ts";
import { WorkDirectory } from "../output/work_directory.ts";
import { adoptLeftovers, type Found } from "./leftovers.ts";
import { recoverDirectory, type RecoveredFile } from "./recover_directory.ts";

/** What became of one hidden directory. */
export type Recovery =
  | {
    readonly kind: "recovered";
    readonly files: readonly { readonly path: string; readonly rows: number }[];
    readonly damaged: readonly string[];
  }
  /** It held no packet, and is gone. */
  | { readonly kind: "empty"; readonly path: string }
  | { readonly kind: "running"; readonly path: string }
  | { readonly kind: "foreign"; readonly path: string; readonly user: number }
  | { readonly kind: "failed"; readonly path: string; readonly error: RunError };

const PRIVATE_MODE = 0o600;
const MAX_NAMES = 1_000;
const PATH_HINT = 'Name a directory or an output, as in "xdp-inspector recover ."';

/**
 * Recovers what is at a path: one hidden directory, those of one output, or all in a directory.
 *
 * @throws {RunError} if the path leads nowhere, or to nothing
 */
export function* recoverPath(path: string): Generator<Recovery> {
  const say = (reason: string, more: InspectorErrorOptions = { hint: PATH_HINT }) =>
    new RunError(`Cannot recover "${path}": ${reason}`, more);
  const isHidden = outputOfWorkDirectory(basename(path)) !== null;
  const found = resolvePath(isHidden ? dirname(path) : path, { say, onLink: () => {} });
  using parent = found.directory;
  const { name } = found;
  const isWanted = (output: string) =>
    isHidden || name === null || name === output ||
    (output.length > 100 && name.startsWith(output));
  let isNothing = true;
  for (const leftover of adoptLeftovers(parent, isWanted)) {
    if (isHidden && leftover.name !== basename(path)) {
      if (leftover.adoption instanceof WorkDirectory) {
        leftover.adoption.directory[Symbol.dispose]();
      }
      continue;
    }
    isNothing = false;
    yield recoverOne(parent, leftover);
  }
  if (isNothing && !isThere(path)) throw say("it is not there, and nothing is left of it");
}

function recoverOne(parent: Directory, { name, output, adoption }: Found): Recovery {
  const path = `${parent.shownPath}/${name}`;
  if (!(adoption instanceof WorkDirectory)) return { path, ...adoption };
  try {
    adoption.takeOver();
    const { files, damaged } = recoverDirectory(adoption.directory, isoNow());
    const made = files.map((file) => publish(parent, adoption.directory, file, output));
    // What cannot be read stays, for who knows more of it.
    if (damaged.length === 0) adoption.remove();
    if (made.length === 0 && damaged.length === 0) return { kind: "empty", path };
    return { kind: "recovered", files: made, damaged };
  } catch (cause) {
    const error = cause instanceof RunError
      ? new RunError(cause.message.replaceAll(adoption.directory.path, path), {
        cause,
        ...cause.hint !== undefined && { hint: cause.hint },
      })
      : new RunError(`Cannot recover "${path}": ${reasonOf(cause)}`, { cause });
    return { kind: "failed", path, error };
  } finally {
    adoption.directory[Symbol.dispose]();
  }
}

/** Gives a file that is whole a name beside the hidden directory, which nothing has. */
function publish(
  parent: Directory,
  work: Directory,
  { name, part, wantedName, rows }: RecoveredFile,
  output: string,
): { path: string; rows: number } {
  const wanted = wantedName ??
    (part === 1 ? output : output.replace(/(\.parquet)?$/, (suffix) => `-${part}${suffix}`));
  using place = openPlace(parent, wanted);
  {
    using file = work.openFile(name);
    const owner = Deno.uid() === 0 ? callerOfSudo() ?? { user: 0, group: 0 } : null;
    ignoring(() => file.setMode(PRIVATE_MODE));
    if (owner !== null) ignoring(() => file.giveTo(owner.user, owner.group));
    file.sync();
  }
  const base = basename(wanted);
  for (let number = 0; number < MAX_NAMES; number++) {
    const tried = number === 0 ? base : recoveredName(base, number);
    try {
      moveNoReplace(work, name, place, tried);
      place.sync();
      return { path: `${place.shownPath}/${tried}`, rows };
    } catch (error) {
      if (!(error instanceof SystemError) || error.errno !== ERRNO.EEXIST) throw error;
    }
  }
  throw new Error("every name is taken");
}

function recoveredName(base: string, number: number): string {
  const suffix = number === 1 ? "-recovered" : `-recovered-${number}`;
  return base.endsWith(".parquet")
    ? `${base.slice(0, -".parquet".length)}${suffix}.parquet`
    : `${base}${suffix}`;
}

/** The directory of a name that may lead into others; if they are not there any more, the first. */
function openPlace(parent: Directory, wanted: string): Directory {
  let place = parent.openDirectory(".");
  for (const name of wanted.split("/").slice(0, -1)) {
    try {
      if (name === "" || name === "." || name === "..") throw new RangeError("not a name");
      const next = place.openDirectory(name);
      place[Symbol.dispose]();
      place = next;
    } catch {
      place[Symbol.dispose]();
      return parent.openDirectory(".");
    }
  }
  return place;
}

/** Some file systems have neither modes nor owners. */
function ignoring(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
}

function isoNow(): string {
  return new Date().toISOString().replace("Z", "000000Z");
}
