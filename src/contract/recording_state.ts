/**
 * What a recording says about itself while it runs, for whoever finds its hidden directory: it may be
 * killed at any moment.
 *
 * @module
 */

/** A file that is not finished. */
export interface OpenPart {
  /** The first is 1. */
  readonly number: number;
  /** Name that it is to get, in the directory beside the hidden one. */
  readonly name: string;
  /** Key/value metadata that is known of it. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The content of the file, as JSON. */
export interface RecordingState {
  /** Number of the process, and the time of its start as `/proc/<pid>/stat` has it. */
  readonly pid: number;
  readonly startTime: string;
  readonly parts: readonly OpenPart[];
}

/** Reads the file; null if it is not what a recording writes. */
export function parseRecordingState(text: string): RecordingState | null {
  try {
    const state: RecordingState = JSON.parse(text);
    const isRight = Number.isSafeInteger(state.pid) && typeof state.startTime === "string" &&
      state.parts.every(({ number, name, metadata }) => {
        return Number.isSafeInteger(number) && typeof name === "string" &&
          Object.values(metadata).every((value) => typeof value === "string");
      });
    return isRight ? state : null;
  } catch {
    return null;
  }
}

/** The start of a process, as `/proc/<pid>/stat` has it (proc_pid_stat(5), field 22); null if it has ended. */
export function processStartTime(pid: number): string | null {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name in parentheses may hold anything, also parentheses.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

/** Whether the process that wrote this still runs. */
export function isRunning({ pid, startTime }: Pick<RecordingState, "pid" | "startTime">): boolean {
  return processStartTime(pid) === startTime;
}

/** The output that a hidden directory belongs to, perhaps cut at its end; null for every other name. */
export function outputOfWorkDirectory(name: string): string | null {
  const [, output] = /^\.(.+)\.xdp-inspector-[0-9a-f]{8}$/.exec(name) ?? [];
  return output ?? null;
}
