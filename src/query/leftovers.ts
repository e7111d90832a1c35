/**
 * Finds out whether a killed recorder has left packets beside what is read.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import {
  isRunning,
  outputOfWorkDirectory,
  parseRecordingState,
} from "../contract/recording_state.ts";

/** More directories than these are not looked at. */
const MAX_DIRECTORIES = 16;

/** Name of the file in which a recorder says what it is. */
const STATE_NAME = "recording.json";

/**
 * The directories in which killed recorders have left something, of those that files are read from. What
 * cannot be looked at counts for nothing.
 *
 * @param names files, patterns and directories, as the user wrote them
 */
export function directoriesWithLeftovers(names: readonly string[]): string[] {
  const directories = new Set(names.map((name) => {
    const path = resolve(name);
    return isDirectory(path) ? path : dirname(path);
  }));
  return [...directories].slice(0, MAX_DIRECTORIES).filter(hasLeftovers);
}

function hasLeftovers(directory: string): boolean {
  return namesIn(directory).some((name) => {
    return outputOfWorkDirectory(name) !== null && isLeftover(join(directory, name));
  });
}

function isLeftover(path: string): boolean {
  const names = namesIn(path);
  // Of a recorder that has only begun, or of one that is just ending.
  if (!names.some((name) => name !== STATE_NAME)) return false;
  try {
    const state = parseRecordingState(Deno.readTextFileSync(join(path, STATE_NAME)));
    return state === null || !isRunning(state);
  } catch {
    return !names.includes(STATE_NAME);
  }
}

function namesIn(path: string): string[] {
  try {
    return Array.from(Deno.readDirSync(path), ({ name }) => name);
  } catch {
    return [];
  }
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
