/**
 * One run of `deno test` whose output is shown as it comes and counted at its end.
 *
 * @module
 */
import { PROJECT } from "./inspector_cli.ts";
import { complain } from "./print.ts";
import { addCounts, type Counts, parseDenoSummary } from "./test_counts.ts";

/**
 * Runs the tests in `directories`.
 *
 * @param flags more flags of `deno test`
 * @returns what the runner counted. A runner that fails without a failed test to show (a module that
 * does not compile, no test at all) counts as one failed test.
 */
export async function runDenoTest(
  directories: readonly string[],
  flags: readonly string[],
): Promise<Counts> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--frozen", ...flags, ...directories],
    cwd: PROJECT,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = await showAndKeep(child.stdout);
  const { success, code } = await child.status;
  const counts = parseDenoSummary(output) ?? { passed: 0, failed: 0, skipped: 0 };
  if (!success && counts.failed === 0) {
    complain(`deno test ${directories.join(" ")}: exit code ${code} without a failed test`);
    return addCounts(counts, { passed: 0, failed: 1, skipped: 0 });
  }
  return counts;
}

async function showAndKeep(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(Deno.stdout.writeSync(rest));
    text += decoder.decode(bytes, { stream: true });
  }
  return text;
}
