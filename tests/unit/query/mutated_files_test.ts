/** The short form of `deno task fuzz`. */
import assert from "node:assert/strict";
import { reportOnMutated } from "../../support/hostile_run.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const SEED = 20_260_101;
const RUNS = 60;

Deno.test("runStats() answers from damaged recordings or refuses them, with little memory", async () => {
  using directory = TempDirectory.create();
  const before = Deno.memoryUsage().rss;
  let answered = 0;
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    if (await reportOnMutated(seed, directory.file("a.parquet"))) answered++;
  }
  // Neither are the mutations harmless, nor is everything refused.
  assert.ok(answered > 3 && answered < RUNS - 3, String(answered));
  assert.ok(Deno.memoryUsage().rss - before < 2 ** 30);
});
