/**
 * One run of `deno test`, shown as it goes and counted at its end.
 *
 * @module
 */
import { PROJECT } from "./inspector_cli.ts";
import { complain } from "./print.ts";
import { TempDirectory } from "./temp_directory.ts";
import { addCounts, type Counts, NO_COUNTS, parseJunit } from "./test_counts.ts";

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
  using directory = TempDirectory.create();
  const report = directory.file("junit.xml");
  const { success, code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--frozen", `--junit-path=${report}`, ...flags, ...directories],
    cwd: PROJECT,
    stdin: "null",
  }).spawn().status;
  const counts = readCounts(report);
  if (!success && counts.failed === 0) {
    complain(`deno test ${directories.join(" ")}: exit code ${code} without a failed test`);
    return addCounts(counts, { passed: 0, failed: 1, skipped: 0 });
  }
  return counts;
}

/** Written when the runner ends; a runner that could not begin, or was killed, leaves none. */
function readCounts(report: string): Counts {
  try {
    return parseJunit(Deno.readTextFileSync(report));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NO_COUNTS;
    throw error;
  }
}
