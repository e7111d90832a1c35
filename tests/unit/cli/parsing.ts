/**
 * The command line as the tests of this folder read it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { UsageError } from "../../../src/core/errors.ts";
import type { Command, Surroundings } from "../../../src/cli/command.ts";
import { readCommandLine, type Request } from "../../../src/cli/read_command_line.ts";
import type { RecordOptions } from "../../../src/cli/record_options.ts";
import type { StatsOptions } from "../../../src/cli/stats_options.ts";
import { COMMANDS } from "../../support/commands.ts";

/** A pipe of 80 columns, in an empty directory. */
export const PIPE: Surroundings = {
  stdoutIsTerminal: false,
  width: 80,
  exists: () => false,
};

/** The command of a name. */
export function commandOf(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name);
  assert(command !== undefined, name);
  return command;
}

/** Reads the words of a command line. */
export function parse(args: readonly string[], surroundings: Partial<Surroundings> = {}): Request {
  return readCommandLine(args, COMMANDS, { ...PIPE, ...surroundings });
}

/** Reads a command line that calls a command: its name, options and verbosity. */
export function called(
  args: readonly string[],
  surroundings: Partial<Surroundings> = {},
): { command: string; options: unknown; verbose: boolean } {
  const request = parse(args, surroundings);
  assert(request.kind === "run", request.kind);
  return { command: request.command.name, options: request.options, verbose: request.verbose };
}

/** The settings of `record` with the given flags. */
export function record(...args: string[]): RecordOptions {
  const { options } = called(["record", ...args]);
  return (options as { record: RecordOptions }).record;
}

/** The settings of `stats` with the given words, in an empty directory. */
export function stats(...args: string[]): StatsOptions {
  return called(["stats", ...args]).options as StatsOptions;
}

/** What a command prints, one that needs nothing but the list of commands. */
export async function printed(args: readonly string[]): Promise<string> {
  const request = parse(args);
  assert(request.kind === "run", request.kind);
  let text = "";
  const stdout = {
    writeSync: (bytes: Uint8Array) => (text += new TextDecoder().decode(bytes), bytes.length),
  };
  assert.equal(
    await request.command.run(request.options, {
      commands: () => Promise.resolve(COMMANDS),
      stdout,
    }),
    0,
  );
  return text;
}

/** Asserts that a command line is refused with exactly this message and hint. */
export function refuses(
  args: readonly string[],
  message: string,
  hint: string,
  surroundings: Partial<Surroundings> = {},
): void {
  assert.throws(() => parse(args, surroundings), (error) => {
    assert(error instanceof UsageError, String(error));
    assert.deepEqual([error.message, error.hint, error.exitCode], [message, hint, 2]);
    return true;
  });
}
