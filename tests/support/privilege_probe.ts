/**
 * Gives up privileges as a recording does, or not, and then tries from inside its threads what must fail.
 * Prints a JSON object: for each thread the acts that were possible.
 *
 *     deno run -A tests/support/privilege_probe.ts <user id | keep | none> <JSON of ActsOn>
 *
 * `keep` gives up without becoming another user; `none` gives up nothing.
 *
 * @module
 */
import { giveUpPrivileges, raisePermitted } from "../../ffi/mod.ts";
import { type ActsOn, possibleActs } from "./forbidden_acts.ts";
import { say } from "./print.ts";

const WORKER = new URL("./privilege_probe_worker.ts", import.meta.url);

async function ask(worker: Worker, question: ActsOn | null): Promise<string[]> {
  const { promise, resolve } = Promise.withResolvers<string[]>();
  worker.onmessage = ({ data }: MessageEvent<string[]>) => resolve(data);
  worker.postMessage(question);
  return await promise;
}

/** Calls that the runtime makes in threads of its own. */
async function possibleInRuntime({ secrets, victim }: ActsOn): Promise<string[]> {
  const acts: Record<string, () => Promise<unknown>> = {
    read: () => Deno.readTextFile(`${secrets}/secret`),
    write: () => Deno.writeTextFile(`${secrets}/secret`, "changed", { append: true }),
    make: () => Deno.writeTextFile(`${secrets}/${crypto.randomUUID()}`, "", { createNew: true }),
    chown: () => Deno.chown(`${secrets}/secret`, 0, 0),
    environ: () => Deno.readTextFile(`/proc/${victim}/environ`),
  };
  const possible: string[] = [];
  for (const [name, act] of Object.entries(acts)) {
    await act().then(() => possible.push(name), () => {});
  }
  return possible;
}

async function probe(mode: string, on: ActsOn): Promise<void> {
  raisePermitted();
  const workers = [1, 2].map(() => new Worker(WORKER.href, { type: "module" }));
  // They are there, and a thread of the runtime that reads files, before anything is given up.
  await Promise.all(workers.map((worker) => ask(worker, null)));
  await Deno.readTextFile("/proc/self/status");
  if (mode !== "none") {
    const user = Number(mode);
    const identity = mode === "keep" ? null : { user, group: user };
    giveUpPrivileges({ identity });
  }
  const runtime = await possibleInRuntime(on);
  // One after the other: two cannot listen at a port at once.
  const worker = await ask(workers[0]!, on);
  const other = await ask(workers[1]!, on);
  const late = new Worker(WORKER.href, { type: "module" });
  const started = await ask(late, on);
  say(
    JSON.stringify({ main: possibleActs(on), worker, other, started, runtime }),
  );
  Deno.exit(0);
}

await probe(Deno.args[0]!, JSON.parse(Deno.args[1]!));
