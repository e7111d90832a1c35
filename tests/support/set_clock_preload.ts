/**
 * Runs before `src/main.ts`, whose threads then have the clock of the test: see `set_clock.ts`.
 *
 * @module
 */
import { useMachineClock } from "./set_clock.ts";

useMachineClock();
let replaced = 0;

globalThis.Worker = class extends Worker {
  constructor(url: string | URL, options?: WorkerOptions) {
    const isDrain = String(url).endsWith("/drain_worker.ts");
    if (isDrain) replaced++;
    super(isDrain ? new URL("./set_clock_worker.ts", import.meta.url) : url, options);
  }
};

globalThis.addEventListener("unload", () => {
  if (replaced !== 1) throw new Error(`Cannot set the clock: ${replaced} threads were started`);
});
