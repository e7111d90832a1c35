/**
 * A directory by its path, opened as the program opens it: one name after the other.
 *
 * @module
 */
import { Directory } from "../../ffi/mod.ts";

/** @param path absolute, without links */
export function openedDirectory(path: string): Directory {
  return path.split("/").slice(1).reduce((held, name) => {
    using _done = held;
    return held.openDirectory(name);
  }, Directory.begin("/"));
}
