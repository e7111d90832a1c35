/**
 * Finds the hidden directories of recorders that were killed.
 *
 * @module
 */
import type { Directory } from "../../../ffi/mod.ts";
import { outputOfWorkDirectory } from "../../contract/recording_state.ts";
import { type Adoption, WorkDirectory } from "../output/work_directory.ts";

/** A hidden directory, and what may be done with it. */
export interface Found {
  readonly name: string;
  /** Name of the output that it belongs to, perhaps cut at its end. */
  readonly output: string;
  readonly adoption: Adoption;
}

/** The names of all hidden directories of recorders, alive or not, in order; none if it may not be listed. */
function workDirectoriesIn(directory: Directory): string[] {
  try {
    return directory.names().filter((name) => outputOfWorkDirectory(name) !== null).sort();
  } catch {
    return [];
  }
}

/**
 * Takes the hidden directories over whose recorder has ended.
 *
 * @param isWanted which outputs it is about
 */
export function* adoptLeftovers(
  parent: Directory,
  isWanted: (output: string) => boolean,
): Generator<Found> {
  for (const name of workDirectoriesIn(parent)) {
    const output = outputOfWorkDirectory(name)!;
    if (!isWanted(output)) continue;
    const adoption = WorkDirectory.adopt(parent, name);
    if (adoption !== null) yield { name, output, adoption };
  }
}

/** How many hidden directories are there whose recorder has ended, and that are ours to recover. */
export function countLeftovers(parent: Directory): number {
  let count = 0;
  for (const { adoption } of adoptLeftovers(parent, () => true)) {
    if (!(adoption instanceof WorkDirectory)) continue;
    // The lock goes with it.
    adoption.directory[Symbol.dispose]();
    count++;
  }
  return count;
}
