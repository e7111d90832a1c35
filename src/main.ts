/**
 * Entry point: connects the command line to the process. The only module that ends the process.
 *
 * @module
 */
import { reportError } from "./cli/error_report.ts";
import type { Terminal } from "./cli/program.ts";
import { type Commands, run } from "./cli/run.ts";
import { isBrokenPipe, writeStderr } from "./core/standard_streams.ts";

/**
 * Loaded on demand: `stats` must run where libbpf is missing, and help without a database. The paths
 * are literals, because `deno compile` packs what it can see.
 */
const COMMANDS: Commands = {
  record: async (options) => {
    await raisePermitted();
    return (await import("./commands/record.ts")).runRecord(options);
  },
  listInterfaces: async (options) => {
    await raisePermitted();
    return (await import("./commands/list_interfaces.ts")).runListInterfaces(options);
  },
  stats: async (options) => {
    await keepOnlyReading();
    (await import("../ffi/duckdb/duckdb_addon.ts")).provideDuckdb();
    return (await import("./commands/stats.ts")).runStats(options);
  },
  check: async (options) => {
    await raisePermitted();
    return (await import("./commands/check.ts")).runCheck(options);
  },
  version: async () => {
    await keepOnlyReading();
    return (await import("./commands/version.ts")).runVersion();
  },
};

/** What a program file with `+p` is permitted (setcap) takes effect only for commands that ask the kernel. */
async function raisePermitted(): Promise<void> {
  (await import("../ffi/linux/capability_set.ts")).raisePermitted();
}

/** Commands that read files, which others may have made, do so with no other right. */
async function keepOnlyReading(): Promise<void> {
  (await import("../ffi/linux/give_up.ts")).keepOnlyReading();
}

/** For help that goes to a file, or to a terminal that does not tell its size. */
const DEFAULT_WIDTH = 80;

function terminal(): Terminal {
  const stdoutIsTerminal = Deno.stdout.isTerminal();
  return {
    stdoutIsTerminal,
    width: (stdoutIsTerminal && Deno.consoleSize().columns) || DEFAULT_WIDTH,
  };
}

/** Ends the process for an error that no caller caught: from an event handler or a lost promise. */
function endByDefect(event: Event, error: unknown): void {
  event.preventDefault();
  if (isBrokenPipe(error)) Deno.exit(0);
  const report = reportError(error, Deno.args.includes("-v") || Deno.args.includes("--verbose"));
  writeStderr(report.text);
  Deno.exit(report.exitCode);
}

if (import.meta.main) {
  // Before anything else: whoever gets at the debugger has the rights of this process.
  (await import("../ffi/linux/debugger_signal.ts")).ignoreDebuggerSignal();
  globalThis.addEventListener("error", (event) => endByDefect(event, event.error));
  globalThis.addEventListener("unhandledrejection", (event) => endByDefect(event, event.reason));
  // Not by running out of work: a database or a worker may still hold the process.
  Deno.exit(await run(Deno.args, COMMANDS, terminal(), Deno));
}
