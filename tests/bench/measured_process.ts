/**
 * Whole processes: how long they take, and how much memory.
 *
 * @module
 */
import { BackgroundProcess } from "../support/child_process.ts";
import { peakMemory } from "../support/process_usage.ts";
import { elapse } from "./machine.ts";

/** More than any process of the suites takes. */
export const PROCESS_LIMIT_MS = 1_800_000;

/** Between two looks at the memory of a process. */
const LOOK_MS = 20;

/** What a process took. */
export interface Measured {
  readonly seconds: number;
  /** Most resident memory at a time. */
  readonly bytes: number;
}

/** @throws {Error} it failed */
export async function measure(argv: readonly string[]): Promise<Measured> {
  const start = performance.now();
  await using process = BackgroundProcess.start(argv);
  let bytes = 0;
  while (process.running) {
    bytes = peakMemory(process.pid) ?? bytes;
    await elapse(LOOK_MS);
  }
  const seconds = (performance.now() - start) / 1000;
  const { code, stderr } = await process.end(PROCESS_LIMIT_MS);
  if (code !== 0) throw new Error(`"${argv[0]}" ended with ${code}: ${stderr}`);
  return { seconds, bytes };
}
