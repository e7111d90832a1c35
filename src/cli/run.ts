/**
 * One run of the program: from arguments to an exit code.
 *
 * @module
 */
import { EXIT } from "../core/errors.ts";
import {
  isBrokenPipe,
  type SyncWriter,
  writeStderr,
  writeStdout,
} from "../core/standard_streams.ts";
import type { CheckOptions, ListInterfacesOptions } from "./command_line.ts";
import { reportError } from "./error_report.ts";
import { parseCommandLine, type Terminal } from "./program.ts";
import type { RecordOptions } from "./record_options.ts";
import type { StatsOptions } from "./stats_options.ts";

/** The commands. Each loads its own modules only when it is called. */
export interface Commands {
  /** Records; the promise holds the exit code. */
  record(options: RecordOptions): Promise<number>;
  /** Lists the interfaces; the promise holds the exit code. */
  listInterfaces(options: ListInterfacesOptions): Promise<number>;
  /** Reports; the promise holds the exit code. */
  stats(options: StatsOptions): Promise<number>;
  /** Finds out whether recording works; the promise holds the exit code. */
  check(options: CheckOptions): Promise<number>;
  /** Prints the versions; the promise holds the exit code. */
  version(): Promise<number>;
}

/** Standard output and standard error. */
export interface Streams {
  readonly stdout: SyncWriter;
  readonly stderr: SyncWriter;
}

/**
 * Does what the arguments ask for. Never throws: errors become text on standard error and an exit
 * code. A reader that has gone away ends the run quietly and is no error.
 */
export async function run(
  args: readonly string[],
  commands: Commands,
  terminal: Terminal,
  streams: Streams,
): Promise<number> {
  let verbose = false;
  try {
    const request = parseCommandLine(args, terminal);
    switch (request.command) {
      case "print":
        writeStdout(request.text, streams.stdout);
        return EXIT.DONE;
      case "complain":
        writeStderr(request.text, streams.stderr);
        return EXIT.USAGE;
      case "record":
        verbose = request.verbose;
        return await commands.record(request.options);
      case "listInterfaces":
        verbose = request.verbose;
        return await commands.listInterfaces(request.options);
      case "stats":
        verbose = request.verbose;
        return await commands.stats(request.options);
      case "check":
        verbose = request.verbose;
        return await commands.check(request.options);
      case "version":
        return await commands.version();
    }
  } catch (error) {
    if (isBrokenPipe(error)) return EXIT.DONE;
    const report = reportError(error, verbose);
    writeStderr(report.text, streams.stderr);
    return report.exitCode;
  }
}
