/**
 * Writes the golden files anew: `deno run -A tests/support/update_golden.ts`. The difference is for
 * a person to read before it is committed.
 *
 * @module
 */
import { join } from "node:path";
import { CLI_GOLDEN, cliGoldenCases } from "./cli_golden.ts";
import { GOLDEN, goldenCases, goldenText } from "./golden.ts";

if (import.meta.main) {
  const cases = goldenCases();
  const files = new Set(cases.map(({ file }) => file));
  for (const { name } of Deno.readDirSync(GOLDEN)) {
    if (name.endsWith(".txt") && !files.has(name)) Deno.removeSync(join(GOLDEN, name));
  }
  for (const golden of cases) {
    Deno.writeTextFileSync(join(GOLDEN, golden.file), await goldenText(golden));
  }
  for (const { file, text } of cliGoldenCases()) {
    Deno.writeTextFileSync(join(CLI_GOLDEN, file), text);
  }
}
