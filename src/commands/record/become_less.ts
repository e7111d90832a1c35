/**
 * What a recording gives up once its programs are attached.
 *
 * @module
 */
import { giveUpPrivileges } from "../../../ffi/mod.ts";
import type { UserAndGroup } from "../../core/lesser_user.ts";
import { RunError } from "../../core/errors.ts";
import { FILE_CAPABILITIES } from "../../sinks/output/file_rights.ts";
import type { OutputFile } from "../../sinks/output/output_file.ts";
import type { LiveCapture } from "../../sources/live_capture.ts";
import { mayLookUp, type RecordingUser } from "./recording_user.ts";

/**
 * Goes on with as little as the rest takes: from here on nothing that packets, files or DuckDB do to this
 * process makes anybody root. Nothing can be attached afterwards.
 *
 * @param capture started
 * @param output null when there is no file
 * @returns who the process has become; null if it stays who it was
 * @throws {RunError} if it cannot become the user that was asked for
 * @throws {SystemError} if a thread keeps what it must not have
 */
export function becomeLess(
  capture: Pick<LiveCapture, "neededRights">,
  output: Pick<OutputFile, "handOver"> | null,
  user: RecordingUser,
): UserAndGroup | null {
  const wanted = user.identity !== null && mayLookUp(user.identity) ? user.identity : null;
  if (wanted === null && user.identity !== null) refuse(user, "it may not enter / or /proc");
  // On a file system that knows no users, only who has made the directory writes in it.
  const canWrite = output === null || output.handOver(wanted, user.owner);
  const identity = canWrite ? wanted : null;
  if (!canWrite) refuse(user, "the file system of the output cannot give it a directory");
  const { reading, readers, ending } = capture.neededRights();
  giveUpPrivileges({
    identity,
    permitted: [...FILE_CAPABILITIES, ...ending],
    effective: reading,
    effectiveIn: readers,
  });
  return identity;
}

/** Who was not asked for is not missed. */
function refuse({ demanded }: RecordingUser, reason: string): void {
  if (demanded === null) return;
  throw new RunError(`Cannot become user "${demanded}": ${reason}`, {
    hint: "Name another user with --user, or leave it out: then it stays root without capabilities",
  });
}
