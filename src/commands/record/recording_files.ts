/**
 * What a recording makes, opened before anything is attached.
 *
 * @module
 */
import type { AttachPoint } from "../../attach/attach_points.ts";
import type { RecordOptions } from "../../cli/record_options.ts";
import { RunError } from "../../core/errors.ts";
import { requireRoom, usualFreeBytes } from "../../sinks/disk_room.ts";
import { fileNameFor } from "../../sinks/output/file_name.ts";
import { OutputFile } from "../../sinks/output/output_file.ts";
import { OutputTarget } from "../../sinks/output/output_target.ts";
import { ReadyFile } from "../../sinks/output/ready_file.ts";
import { tellLeftovers } from "./output_plan.ts";

/** The output that is a stream on standard output. */
export const STDOUT = "-";

/** What a recording makes. */
export interface RecordingFiles extends Disposable {
  readonly output: OutputFile | null;
  readonly ready: ReadyFile | null;
}

/** Interfaces, as the names of files have them. */
export function namesOf(options: RecordOptions, points: readonly AttachPoint[]): string[] {
  return options.interfaces.includes("any") ? ["any"] : points.map((point) => point.interface);
}

/** Everything is opened and checked before anything is made or removed. */
export function openFiles(options: RecordOptions, points: readonly AttachPoint[]): RecordingFiles {
  using stack = new DisposableStack();
  const target = options.output === STDOUT ? null : stack.use(OutputTarget.open(options.output, {
    noClobber: options.noClobber,
    force: options.force,
    groupRead: options.groupRead,
    nameInDirectory: fileNameFor(namesOf(options, points), new Date()),
  }));
  if (options.series !== null && target?.isNamedHere === false) {
    throw new RunError(`Cannot make several files of "${options.output}": it is no directory`, {
      hint: "Name a directory with --output, or leave out what makes several files",
    });
  }
  const ready = options.readyFile === null ? null : stack.use(ReadyFile.open(options.readyFile));
  if (target !== null) {
    const { path } = target.directory;
    requireRoom(target.path, path, options.minFreeBytes ?? usualFreeBytes(path));
    tellLeftovers(target);
  }
  const output = target && stack.use(OutputFile.create(target));
  ready?.removeOld();
  const resources = stack.move();
  return { output, ready, [Symbol.dispose]: () => resources.dispose() };
}
