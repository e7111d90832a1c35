/**
 * One run of the program: from arguments to an exit code.
 *
 * @module
 */
import { checkArgumentBytes } from "../core/argument_bytes.ts";
import { EXIT, UsageError } from "../core/errors.ts";
import {
  endOnStderr,
  isBrokenPipe,
  type StderrWriter,
  type SyncWriter,
  writeStderr,
  writeStdout,
} from "../core/standard_streams.ts";
import { type CommandLoaders, loadAll, type Rights, type Surroundings } from "./command.ts";
import { reportError } from "./error_report.ts";
import { VERSION_FLAG } from "./help.ts";
import { readCommandLine, type Request } from "./read_command_line.ts";

/** What the program can do. */
export interface Program {
  readonly commands: CommandLoaders;
  /** Takes up, or gives up, what a command needs, for the rest of the run. */
  takeRights(rights: Rights): Promise<void>;
  /** Loads what prints the versions and returns the exit code. */
  loadVersions(): Promise<() => Promise<number>>;
}

/** Standard output and standard error. */
export interface Streams {
  readonly stdout: SyncWriter;
  readonly stderr: StderrWriter;
}

/**
 * Does what the arguments ask for. Never throws: errors become text on standard error and an exit
 * code. A reader that has gone away ends the run quietly and is no error.
 *
 * @param commandLine bytes of the arguments, asked for only if they may be others than `args` say
 */
export async function run(
  args: readonly string[],
  { commands, takeRights, loadVersions }: Program,
  surroundings: Surroundings,
  streams: Streams,
  commandLine: () => Uint8Array = () => new Uint8Array(),
): Promise<number> {
  let verbose = false;
  try {
    checkArgumentBytes(args, commandLine);
    const request = await readWithFew(args, commands, surroundings);
    switch (request.kind) {
      case "print":
        writeStdout(request.text, streams.stdout);
        return EXIT.DONE;
      case "complain":
        writeStderr(request.text, streams.stderr);
        return EXIT.USAGE;
      case "versions": {
        // First: without rights the runtime cannot keep what it compiles, and does so in each run.
        const printVersions = await loadVersions();
        await takeRights("files");
        return await printVersions();
      }
      case "run":
        verbose = request.verbose;
        await takeRights(request.command.rights);
        return await request.command.run(request.options, {
          commands: () => loadAll(commands),
          stdout: streams.stdout,
        });
    }
  } catch (error) {
    if (isBrokenPipe(error)) return EXIT.DONE;
    const report = reportError(error, verbose);
    await endOnStderr(report.text, streams.stderr);
    return report.exitCode;
  }
}

/** What the named command does not understand is read again, with all commands: they know what was meant. */
async function readWithFew(
  args: readonly string[],
  commands: CommandLoaders,
  surroundings: Surroundings,
): Promise<Request> {
  const [first = ""] = args;
  const load = commands.get(first);
  if (load !== undefined || VERSION_FLAG.spellings.includes(first)) {
    const few = load === undefined ? [] : [await load()];
    try {
      return readCommandLine(args, few, surroundings);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
  }
  return readCommandLine(args, await loadAll(commands), surroundings);
}
