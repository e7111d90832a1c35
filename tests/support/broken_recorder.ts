/**
 * The program with a thread that fails by a defect, from a moment on. Always from the sources: the product
 * has no switch for this.
 *
 * @module
 */
import { join } from "node:path";
import { denoRun, PROJECT } from "./inspector_cli.ts";

/** Which thread fails. */
export type BrokenThread = "writer" | "drain";

/** Names in the environment, from here to `broken_thread_preload.ts`. */
export const BROKEN_THREAD = { thread: "TEST_BROKEN_THREAD", trigger: "TEST_BROKEN_TRIGGER" };

/**
 * The command line of that program.
 *
 * @param trigger path of a file; as soon as it is there, the thread fails at its next batch
 */
export function brokenRecorder(thread: BrokenThread, trigger: string, ...args: string[]): string[] {
  const [deno = "", run = "", ...rest] = denoRun(join(PROJECT, "src", "main.ts"), ...args);
  return [
    "env",
    `${BROKEN_THREAD.thread}=${thread}`,
    `${BROKEN_THREAD.trigger}=${trigger}`,
    ...[deno, run, "--preload", join(PROJECT, "tests", "support", "broken_thread_preload.ts")],
    ...rest,
  ];
}
