/**
 * Turns what the user wrote after `--file` into an explicit list of regular files. Only paths of
 * this machine exist here: `s3://x` is a directory named `s3:`, whatever DuckDB would make of it.
 *
 * @module
 */
import { extname, join, resolve } from "node:path";
import { DEFAULT_FILE, STANDARD_INPUT } from "../contract/default_file.ts";
import { RunError } from "../core/errors.ts";
import { systemReason } from "../core/system_reason.ts";
import { expandGlob, hasGlob } from "./glob.ts";

const SEGMENT_SUFFIX = ".parquet";

/** Names that packet files have. */
const PACKET_FILE = /^[^.].*\.(?:pcap|pcapng|cap)(?:\.(?:gz|zst|lz4))?$/;

export interface InputFile {
  /** Absolute path. */
  readonly path: string;
  /** The path as the user would write it, for messages. */
  readonly label: string;
  /** Named by the user, not found by a pattern or in a directory. */
  readonly named: boolean;
  /** Set for standard input, which has no path. */
  readonly isStandardInput?: true;
}

/**
 * Expands files, patterns and directories (their `*.parquet` files, not recursively), in the order
 * given. A file that is reached twice, also through a symbolic link, is listed once: its packets
 * must not count double. A literal existing name wins over its meaning as a pattern.
 *
 * @throws {RunError} a name is no file, a pattern or directory has none, a directory is not readable
 */
export function expandNames(names: readonly string[]): InputFile[] {
  const seen = new Set<string>();
  return names.flatMap(expandName).filter(({ path }) => {
    const identity = realPath(path);
    return seen.has(identity) ? false : seen.add(identity);
  });
}

function expandName(name: string): InputFile[] {
  if (name === "") {
    throw new RunError('Cannot read "": the file name is empty', {
      hint: "Name a file with --file",
    });
  }
  if (name === STANDARD_INPUT) {
    return [{ path: name, label: "standard input", named: true, isStandardInput: true }];
  }
  const path = resolve(name);
  const kind = pathKind(path, name);
  if (kind === "directory") return directorySegments(path, name);
  if (kind === "file") return [{ path, label: name, named: true }];
  if (!hasGlob(name)) throw missingFile(name);
  const matches = expandGlob(path).filter((match) => !isDirectory(match));
  if (matches.length === 0) {
    throw new RunError(`Cannot read "${name}": no file matches the pattern`, {
      hint: 'Check the directory in it: "*" stands for names within one, "**/*" for all below',
    });
  }
  return matches.map((match) => ({ path: match, label: match, named: false }));
}

function directorySegments(directory: string, name: string): InputFile[] {
  let segments: string[];
  try {
    segments = [...Deno.readDirSync(directory)].map((entry) => entry.name).sort();
  } catch (cause) {
    throw new RunError(`Cannot read directory "${name}": ${systemReason(cause)}`, { cause });
  }
  const files = segments
    // A name that begins with a dot is a recording in progress, or hidden by its owner.
    .filter((segment) => segment.endsWith(SEGMENT_SUFFIX) && !segment.startsWith("."))
    .map((segment) => ({
      path: join(directory, segment),
      label: join(name, segment),
      named: false,
    }))
    // A name that is not UTF-8 is not found again: that is said, not passed over.
    .filter(({ path }) => !isDirectory(path));
  if (files.length > 0) return files;
  const packets = segments.find((segment) => PACKET_FILE.test(segment));
  const pattern = join(
    name,
    packets === undefined ? `*/*${SEGMENT_SUFFIX}` : `*${extname(packets)}`,
  );
  throw new RunError(`Cannot read "${name}": the directory has no ${SEGMENT_SUFFIX} file`, {
    hint: packets === undefined
      ? `Name a file, or with a pattern what lies deeper, as in "${pattern}"`
      : `Name its packet files with a pattern, as in "${pattern}"`,
  });
}

/** Of what was found; where that cannot be told, as of a loop of links, opening it says why. */
function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** What a path leads to, through symbolic links; anything that is not a directory is a "file". */
function pathKind(path: string, label: string): "file" | "directory" | "missing" {
  try {
    return Deno.statSync(path).isDirectory ? "directory" : "file";
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
      return "missing";
    }
    // ENAMETOOLONG: no such file can exist, and a long pattern is still a pattern.
    if ((cause as { code?: string }).code === "ENAMETOOLONG") return "missing";
    throw new RunError(`Cannot read "${label}": ${systemReason(cause)}`, { cause });
  }
}

function missingFile(name: string): RunError {
  const hint = name === DEFAULT_FILE
    ? "Run `sudo xdp-inspector record` first, or name a file with --file"
    : "Check the name, or record one with `sudo xdp-inspector record`";
  return new RunError(`Cannot read "${name}": no such file`, { hint });
}

function realPath(path: string): string {
  if (path === STANDARD_INPUT) return path;
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
