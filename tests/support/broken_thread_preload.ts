/**
 * Runs before `src/main.ts`, one of whose threads then is `broken_writer_worker.ts` or
 * `broken_drain_worker.ts`.
 *
 * @module
 */
import { BROKEN_THREAD } from "./broken_recorder.ts";

const thread = Deno.env.get(BROKEN_THREAD.thread);
let replaced = 0;

globalThis.Worker = class extends Worker {
  constructor(url: string | URL, options?: WorkerOptions) {
    const isBroken = String(url).endsWith(`/${thread}_worker.ts`);
    if (isBroken) replaced++;
    super(isBroken ? new URL(`./broken_${thread}_worker.ts`, import.meta.url) : url, options);
  }
};

globalThis.addEventListener("unload", () => {
  if (replaced !== 1) throw new Error(`Cannot break the ${thread}: ${replaced} were started`);
});
