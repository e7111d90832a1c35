/**
 * The program with a writer that is slower than the traffic, on purpose and by a known measure. Always
 * from the sources: the product has no switch for this.
 *
 * @module
 */
import { join } from "node:path";
import { denoRun, PROJECT } from "./inspector_cli.ts";

/** How slow, and how soon that is felt. */
export interface SlowWriter {
  /** Milliseconds that the writer waits before each batch. */
  readonly delayMs: number;
  /** Path of a file that the writer waits for before its first batch. */
  readonly gate?: string;
  /** Batches that the queue holds, a power of two; the product's own number if it is not given. */
  readonly queueDepth?: number;
}

/** Names in the environment, from here to `slow_writer_preload.ts`. */
export const SLOW_WRITER = {
  delayMs: "TEST_WRITER_DELAY_MS",
  gate: "TEST_WRITER_GATE",
  queueDepth: "TEST_QUEUE_DEPTH",
};

/** The command line of that program. */
export function slowRecorder({ delayMs, gate = "", queueDepth = 0 }: SlowWriter): string[] {
  const [deno = "", run = "", ...rest] = denoRun(join(PROJECT, "src", "main.ts"));
  return [
    "env",
    `${SLOW_WRITER.delayMs}=${delayMs}`,
    `${SLOW_WRITER.gate}=${gate}`,
    `${SLOW_WRITER.queueDepth}=${queueDepth}`,
    ...[deno, run, "--preload", join(PROJECT, "tests", "support", "slow_writer_preload.ts")],
    ...rest,
  ];
}
