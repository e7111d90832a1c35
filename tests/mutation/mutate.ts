/**
 * The task `mutate`: puts small faults into a part of the program, one at a time, and shows those that
 * its tests do not notice.
 *
 *     deno task mutate src/core/duration.ts tests/unit/core/duration_test.ts
 *     deno task mutate src/query            # with the tests of tests/unit/query
 *
 * Stryker makes the faults; its runner of commands starts `deno test` for each. Without coverage every
 * fault runs all named tests: name few. The checkout itself is not changed.
 *
 * @module
 */
import { join } from "node:path";
import { PROJECT } from "../support/inspector_cli.ts";
import { complain } from "../support/print.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const STRYKER = "npm:@stryker-mutator/core@10.1.1/stryker";

/** A test that takes longer by this, in milliseconds, has been caught in an endless loop. */
const TIMEOUT_MS = 10_000;

/** Bytes of memory: an endless loop that collects must not take the machine along. */
const MEMORY_LIMIT = 3_000_000_000;

/** Stryker's configuration for faults in `target`, looked for by `tests`. */
export function configuration(target: string, tests: readonly string[]): Record<string, unknown> {
  const command = ["prlimit", `--data=${MEMORY_LIMIT}`, "deno", "test", "-A", "--no-check", "-q"];
  return {
    // The runner of commands is part of the core: no plugin has to be looked for.
    plugins: [],
    testRunner: "command",
    commandRunner: { command: [...command, ...tests].join(" ") },
    mutate: [target.endsWith(".ts") ? target : `${target}/**/*.ts`],
    concurrency: Math.max(1, Math.floor(navigator.hardwareConcurrency / 2)),
    timeoutMS: TIMEOUT_MS,
    reporters: ["clear-text", "progress-append-only"],
    allowEmpty: false,
  };
}

/** `tests/unit/query` for `src/query`, `tests/unit/ffi` for anything in `ffi/`. */
export function testsOf(target: string): string {
  const [top = "", room = ""] = target.split("/");
  return top === "ffi" ? "tests/unit/ffi" : `tests/unit/${room}`;
}

async function mutate(target: string, tests: readonly string[]): Promise<number> {
  using scratch = TempDirectory.create();
  const file = scratch.file("stryker.json");
  Deno.writeTextFileSync(
    file,
    JSON.stringify({
      ...configuration(target, tests),
      tempDirName: join(scratch.path, "sandbox"),
    }),
  );
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", "--no-config", STRYKER, "run", file],
    cwd: PROJECT,
    stdin: "null",
  }).spawn().status;
  return code;
}

if (import.meta.main) {
  const [target, ...tests] = Deno.args;
  if (target === undefined) {
    complain('Name a file or directory of the program: "deno task mutate src/query"');
    Deno.exit(2);
  }
  Deno.exit(await mutate(target, tests.length > 0 ? tests : [testsOf(target)]));
}
