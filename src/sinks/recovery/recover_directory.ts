/**
 * Makes recordings of what a killed recorder has left in its hidden directory.
 *
 * @module
 */
import { DataFile, type Directory, type FileStatus } from "../../../ffi/mod.ts";
import { FILE_METADATA_KEY } from "../../contract/file_metadata.ts";
import {
  type OpenPart,
  parseRecordingState,
  type RecordingState,
} from "../../contract/recording_state.ts";
import { readRowCounts, type RowCounts } from "../../contract/row_counts.ts";
import { RunError } from "../../core/errors.ts";
import { openFile, readParquetEnd } from "../../parquet/file_access.ts";
import { metadataOf } from "../../parquet/footer.ts";
import { finishGrowing, GrowingFile, lastTaken } from "../../parquet/growing_file.ts";
import { isRecording } from "../output/existing_recording.ts";
import { closedName, COMPLETE_NAME, growingPaths, STATE_NAME } from "../segments/segment_names.ts";
import { SEGMENT_COUNTS_KEY } from "../segments/segment_store.ts";
import { leftParts, type LeftPiece, leftPieces, orphans } from "./left_files.ts";

/** A recording that was made, and still is in the hidden directory. */
export interface RecoveredFile {
  /** Its name there. */
  readonly name: string;
  /** Number of the part of a series; 1 for a recording of one file. */
  readonly part: number;
  /** What the recorder wanted to call it; null if that is not known. */
  readonly wantedName: string | null;
  readonly rows: number;
  /** Whether the recorder had finished it. */
  readonly isFinished: boolean;
}

/** What was made of a directory. */
export interface RecoveredDirectory {
  readonly files: readonly RecoveredFile[];
  /** Files that hold packets but cannot be read, and why. */
  readonly damaged: readonly string[];
}

/**
 * Turns everything that holds packets into finished Parquet files, in the directory itself. It can be
 * killed at any moment and done again.
 *
 * @param directory that nobody else writes in
 * @param nowIso the time, for the metadata
 * @throws {RunError} if something cannot be written
 */
export function recoverDirectory(directory: Directory, nowIso: string): RecoveredDirectory {
  return new Recovery(directory, nowIso).run();
}

class Recovery {
  readonly #directory: Directory;
  readonly #nowIso: string;
  readonly #state: RecordingState | null;
  readonly #damaged: string[] = [];

  constructor(directory: Directory, nowIso: string) {
    this.#directory = directory;
    this.#nowIso = nowIso;
    this.#state = readState(directory);
  }

  run(): RecoveredDirectory {
    const names = this.#directory.names().filter((name) => this.#isOurs(name));
    const files: RecoveredFile[] = [];
    if (isRecording(this.#directory, COMPLETE_NAME)) {
      // It was finished, and only its name was missing; what else is there is in it.
      const rows = this.#rowsOf(COMPLETE_NAME);
      const wantedName = this.#known(1)?.name ?? null;
      return {
        files: [{ name: COMPLETE_NAME, part: 1, wantedName, rows, isFinished: true }],
        damaged: [],
      };
    }
    // Of a file that was being made, or was finished: the one without the other tells nothing.
    for (const name of orphans(names)) removeQuietly(this.#directory, name);
    const parts = leftParts(names);
    for (const { number, kind } of parts) {
      const isLast = number === parts.at(-1)!.number;
      if (kind === "closed") files.push(this.#closed(number));
      else files.push(...this.#growing(number, isLast ? names : []));
    }
    if (parts.at(-1)?.kind !== "growing") {
      files.push(...this.#growing((parts.at(-1)?.number ?? this.#firstPart() - 1) + 1, names));
    }
    return { files, damaged: this.#damaged };
  }

  /** A part whose footer is there. */
  #closed(part: number): RecoveredFile {
    const name = closedName(part);
    const wantedName = this.#known(part)?.name ?? null;
    return { name, part, wantedName, rows: this.#rowsOf(name), isFinished: true };
  }

  /** @returns nothing if it has no row */
  #growing(part: number, names: readonly string[]): RecoveredFile[] {
    const paths = growingPaths(this.#directory.path, part);
    const isThere = this.#directory.statusOf(`part-${paths.data.split("part-").at(-1)}`) !== null;
    // Of one that is not there nothing was taken in; and what others have taken in was removed first.
    const taken = isThere ? lastTaken(paths) : { segment: 0, endRow: null };
    const pieces = leftPieces(names, taken);
    if (!isThere && pieces.length === 0) return [];
    let metadata: ReadonlyMap<string, string> | null = null;
    {
      using growing = isThere ? GrowingFile.resume(paths) : GrowingFile.create(paths);
      const added: string[] = [];
      for (const piece of pieces) {
        const found = this.#take(growing, piece);
        if (found === null) continue;
        metadata = found;
        added.push(piece.name);
      }
      if (growing.isEmpty) return [];
      growing.sync();
      // Only now they are in it for sure. What is damaged stays.
      for (const name of added) removeQuietly(this.#directory, name);
    }
    const { rows, counts } = finishGrowing(paths, {});
    const known = this.#known(part);
    finishGrowing(
      paths,
      this.#describe(known?.metadata ?? Object.fromEntries(metadata ?? []), counts),
    );
    {
      using file = DataFile.openPath(paths.data, "write");
      file.syncData();
    }
    const name = closedName(part);
    this.#directory.move(paths.data.split("/").at(-1)!, this.#directory, name);
    removeQuietly(this.#directory, paths.index.split("/").at(-1)!);
    return [{ name, part, wantedName: known?.name ?? null, rows, isFinished: false }];
  }

  /** @returns its metadata; null if it is damaged */
  #take(growing: GrowingFile, piece: LeftPiece): ReadonlyMap<string, string> | null {
    const path = `${this.#directory.path}/${piece.name}`;
    let metadata: Map<string, string>;
    try {
      using file = openFile(path, "read", { read: true });
      metadata = metadataOf(readParquetEnd(file).footer.rest);
    } catch (error) {
      this.#damaged.push(error instanceof RunError ? error.message : String(error));
      return null;
    }
    const counts = readCounts(metadata.get(SEGMENT_COUNTS_KEY));
    growing.take({ path, number: piece.segment, endRow: piece.endRow, counts });
    metadata.delete(SEGMENT_COUNTS_KEY);
    return metadata;
  }

  /** What is known, and that the rest is not. */
  #describe(
    known: Readonly<Record<string, string>>,
    counts: RowCounts,
  ): Record<string, string> {
    const { attachments: key, counters, recovered } = FILE_METADATA_KEY;
    const total = counts.reduce<[number, number]>(([rows, bytes], one) => {
      return [rows + (one?.[0] ?? 0), bytes + (one?.[1] ?? 0)];
    }, [0, 0]);
    return {
      ...known,
      [key]: crashedAttachments(known[key], counts),
      ...total[0] > 0 && {
        [counters]: JSON.stringify({ packets_captured: total[0], bytes_captured: total[1] }),
      },
      [recovered]: this.#nowIso,
    };
  }

  #known(part: number): OpenPart | undefined {
    return this.#state?.parts.find(({ number }) => number === part);
  }

  #firstPart(): number {
    return Math.min(...this.#state?.parts.map(({ number }) => number) ?? [1]);
  }

  #rowsOf(name: string): number {
    using file = openFile(`${this.#directory.path}/${name}`, "read", { read: true });
    return Number(readParquetEnd(file).footer.rows);
  }

  /** Whoever the recorder had become may have put other files there: links, and files of others. */
  #isOurs(name: string): boolean {
    const status: FileStatus | null = this.#directory.statusOf(name);
    return status !== null && status.kind === "regular file" && status.links === 1;
  }
}

/** Every attachment ended by the crash, whenever that was; of its counts only the rows are known. */
function crashedAttachments(text = "[]", counts: RowCounts): string {
  const attachments: { slot: number }[] = JSON.parse(text);
  return JSON.stringify(attachments.map((one) => {
    const [rows, bytes] = counts[one.slot] ?? [0, 0];
    return {
      ...one,
      end_reason: "crashed",
      counters: { packets_captured: rows, bytes_captured: bytes },
    };
  }));
}

function readState(directory: Directory): RecordingState | null {
  try {
    using file = directory.openFile(STATE_NAME);
    if (file.status().kind !== "regular file") return null;
    return parseRecordingState(Deno.readTextFileSync(file.path));
  } catch {
    return null;
  }
}

function readCounts(text: string | undefined): RowCounts {
  try {
    return readRowCounts(JSON.parse(text ?? "[]")) ?? [];
  } catch {
    return [];
  }
}

function removeQuietly(directory: Directory, name: string): void {
  try {
    directory.removeFile(name);
  } catch {
    // Its number says that it is in the file.
  }
}
