/**
 * Entry point: connects the command line to the process. The only module that ends the process.
 *
 * @module
 */
import type { Rights, Surroundings } from "./cli/command.ts";
import { reportError } from "./cli/error_report.ts";
import { type Program, run } from "./cli/run.ts";
import { COMMANDS } from "./commands/all.ts";
import { isBrokenPipe, writeStderr } from "./core/standard_streams.ts";
import { stdoutLook } from "./core/terminal.ts";

/**
 * What a command needs is loaded on demand: `stats` must run where libbpf is missing, and help
 * without a database. Paths of imports are literals, because `deno compile` packs what it can see.
 */
const PROGRAM: Program = {
  commands: COMMANDS,
  takeRights,
  loadVersions: async () => (await import("./commands/version/run_version.ts")).runVersion,
};

async function takeRights(rights: Rights): Promise<void> {
  // What a program file with `+p` is permitted (setcap) takes effect only where it is asked for.
  if (rights === "kernel") (await import("../ffi/linux/capability_set.ts")).raisePermitted();
  if (rights === "files") (await import("../ffi/linux/give_up.ts")).keepOnlyReading();
}

/** For help that goes to a file, or to a terminal that does not tell its size. */
const DEFAULT_WIDTH = 80;

function surroundings(): Surroundings {
  return {
    stdoutIsTerminal: Deno.stdout.isTerminal(),
    width: stdoutLook().width ?? DEFAULT_WIDTH,
    exists: (path) => {
      try {
        Deno.statSync(path);
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** The bytes of this process's arguments: proc_pid_cmdline(5). */
function ownCommandLine(): Uint8Array {
  return Deno.readFileSync("/proc/self/cmdline");
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
  Deno.exit(await run(Deno.args, PROGRAM, surroundings(), Deno, ownCommandLine));
}
