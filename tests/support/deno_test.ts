/**
 * One run of `deno test` whose output is shown as it comes and counted at its end.
 *
 * @module
 */
import { PROJECT } from "./inspector_cli.ts";
import { complain } from "./print.ts";
import { TempDirectory } from "./temp_directory.ts";
import { addCounts, type Counts, NO_COUNTS, parseJunit } from "./test_counts.ts";

/**
 * Limit for one test, milliseconds: the runner prints at the start and at the end of each, so that a
 * silence of this length is a test that hangs. The longest test takes a small part of it.
 */
const SILENCE_LIMIT_MS = 600_000;

/** What a run that is told to end has for cleaning up, milliseconds. */
const CLEAN_UP_MS = 5_000;

/**
 * Runs the tests in `paths`, directories or files.
 *
 * `deno test` has no limit for a test. A run that prints nothing for too long is ended, also when its
 * thread is blocked and hears no signal.
 *
 * @param flags more flags of `deno test`
 * @param silenceLimitMs longest time without output, milliseconds
 * @returns what the runner counted. A runner that fails without a failed test to show (a module that
 * does not compile, no test at all, a test that hangs) counts as one failed test.
 */
export async function runDenoTest(
  paths: readonly string[],
  flags: readonly string[],
  silenceLimitMs: number = SILENCE_LIMIT_MS,
): Promise<Counts> {
  using directory = TempDirectory.create();
  const report = directory.file("junit.xml");
  const child = new Deno.Command(Deno.execPath(), {
    // The types of all tests are the gate's (`deno task checks`), which takes them together.
    args: [
      ...["test", "-A", "--frozen", "--no-check", `--junit-path=${report}`],
      ...flags,
      ...paths,
    ],
    cwd: PROJECT,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const { lastLine, isComplete } = await show(child.stdout, silenceLimitMs);
  if (!isComplete) {
    complain(
      `\ndeno test ${named(paths)}: no output for ${silenceLimitMs / 1000} s, ended. ` +
        `It hangs behind: ${lastLine}`,
    );
    await end(child);
    // A run that was ended leaves no report.
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const { success, code } = await child.status;
  const counts = readCounts(report);
  if (!success && counts.failed === 0) {
    complain(`deno test ${named(paths)}: exit code ${code} without a failed test`);
    return addCounts(counts, { passed: 0, failed: 1, skipped: 0 });
  }
  return counts;
}

/** A runner that could not begin leaves no report. */
function readCounts(report: string): Counts {
  try {
    return parseJunit(Deno.readTextFileSync(report));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NO_COUNTS;
    throw error;
  }
}

/** @returns `isComplete`: whether the stream came to its end, and not to a silence that was too long */
async function show(
  stream: ReadableStream<Uint8Array>,
  silenceLimitMs: number,
): Promise<{ lastLine: string; isComplete: boolean }> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let lastLine = "";
  // Lines are shown when they are whole: another run may be writing between them.
  let held = "";
  for (;;) {
    const chunk = await beforeLimit(reader.read(), silenceLimitMs);
    if (chunk === undefined) {
      writeAll(held);
      reader.cancel().catch(() => {});
      return { lastLine, isComplete: false };
    }
    if (chunk.value === undefined) {
      writeAll(held);
      return { lastLine, isComplete: true };
    }
    const text = held + decoder.decode(chunk.value, { stream: true });
    const end = text.lastIndexOf("\n") + 1;
    writeAll(text.slice(0, end));
    held = text.slice(end);
    lastLine = text.trimEnd().split("\n").at(-1)!;
  }
}

function named(paths: readonly string[]): string {
  return paths.length === 1 ? paths[0]! : `${paths[0]} and ${paths.length - 1} more`;
}

function writeAll(text: string): void {
  for (let rest = new TextEncoder().encode(text); rest.length > 0;) {
    rest = rest.subarray(Deno.stdout.writeSync(rest));
  }
}

/** A run that hears the signal removes its namespaces. */
async function end(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  if (await beforeLimit(child.status, CLEAN_UP_MS) !== undefined) return;
  child.kill("SIGKILL");
  await child.status;
}

/** What `promise` becomes; undefined when the limit has passed first. */
async function beforeLimit<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
