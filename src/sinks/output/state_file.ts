/**
 * What a recording writes about itself while it runs.
 *
 * @module
 */
import {
  type OpenPart,
  processStartTime,
  type RecordingState,
} from "../../contract/recording_state.ts";
import { STATE_NAME } from "../segments/segment_names.ts";

/**
 * Says what the files are that are being made. On a disk that is full it stays what it was: recovery does
 * without.
 *
 * @param workDirectory the hidden directory
 */
export function writeRecordingState(workDirectory: string, parts: readonly OpenPart[]): void {
  const { pid } = Deno;
  const state: RecordingState = { pid, startTime: processStartTime(pid) ?? "", parts };
  const path = `${workDirectory}/${STATE_NAME}`;
  try {
    Deno.writeTextFileSync(`${path}.unfinished`, JSON.stringify(state), { mode: 0o600 });
    Deno.renameSync(`${path}.unfinished`, path);
  } catch {
    // Segments tell their schema, sampling rate and attachments themselves.
  }
}
