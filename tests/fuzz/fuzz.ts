/**
 * `deno task fuzz [runs] [seed]`: reports on damaged recordings, and reads damaged packet files, one seed
 * each, with bounded memory. What goes wrong is named by its seed; `deno task fuzz 1 <seed>` repeats it.
 *
 * @module
 */
import { parseWholeNumber } from "../../src/cli/flag_values.ts";
import { type Outcome, readMutated } from "../support/hostile_packet_file.ts";
import { reportOnMutated } from "../support/hostile_run.ts";
import { say } from "../support/print.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const MEMORY_BYTES = 3_000_000_000;
const RUNS = "2000";
/** A run that kills its process ends that process only. */
const RUNS_OF_A_PROCESS = 200;

async function inProcess(runs: number, seed: number): Promise<number> {
  using directory = TempDirectory.create();
  let failed = 0;
  let answered = 0;
  const read: Record<Outcome, number> = { whole: 0, partial: 0, refused: 0 };
  for (let run = 0; run < runs; run++) {
    try {
      if (await reportOnMutated(seed + run, directory.file("a.parquet"))) answered++;
      read[await readMutated(seed + run)]++;
    } catch (error) {
      failed++;
      say(`seed ${seed + run}: ${error}`);
    }
  }
  say(
    `seeds ${seed} to ${seed + runs - 1}: ${answered} answered, ${failed} failed; ` +
      `packet files: ${read.whole} whole, ${read.partial} in part, ${read.refused} refused`,
  );
  return failed === 0 ? 0 : 1;
}

async function inProcesses(runs: number, seed: number): Promise<number> {
  say(`seed ${seed}, ${runs} runs`);
  let failed = 0;
  for (let done = 0; done < runs; done += RUNS_OF_A_PROCESS) {
    const some = Math.min(RUNS_OF_A_PROCESS, runs - done);
    const script = import.meta.filename!;
    const words = ["--in-process", String(some), String(seed + done)];
    const { code, signal } = await new Deno.Command("prlimit", {
      args: [`--data=${MEMORY_BYTES}`, Deno.execPath(), "run", "-A", script, ...words],
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    if (code === 0) continue;
    failed++;
    say(`seeds ${seed + done} to ${seed + done + some - 1} ended with ${signal ?? code}`);
  }
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) {
  const words = Deno.args.filter((word) => word !== "--in-process");
  const runs = parseWholeNumber(words[0] ?? RUNS, 1);
  const seed = parseWholeNumber(words[1] ?? String(Date.now() % 1e9), 0);
  const run = Deno.args.includes("--in-process") ? inProcess : inProcesses;
  Deno.exit(await run(runs, seed));
}
