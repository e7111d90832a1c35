/**
 * The command line parser as the tests of this folder call it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { UsageError } from "../../../src/core/errors.ts";
import type { Request } from "../../../src/cli/command_line.ts";
import { parseCommandLine, type Terminal } from "../../../src/cli/program.ts";
import type { RecordOptions } from "../../../src/cli/record_options.ts";
import type { StatsOptions } from "../../../src/cli/stats_options.ts";

/** A pipe of 80 columns. */
export const PIPE: Terminal = {
  stdoutIsTerminal: false,
  width: 80,
};

/** Parses the words of a command line. */
export function parse(args: readonly string[], terminal: Partial<Terminal> = {}): Request {
  return parseCommandLine(args, { ...PIPE, ...terminal });
}

/** The settings of `record` with the given flags. */
export function record(...args: string[]): RecordOptions {
  const request = parse(["record", ...args]);
  assert(request.command === "record");
  return request.options;
}

/** The settings of `stats` with the given words. */
export function stats(...args: string[]): StatsOptions {
  const request = parse(["stats", ...args]);
  assert(request.command === "stats");
  return request.options;
}

/** Asserts that a command line is refused with exactly this message and hint. */
export function refuses(
  args: readonly string[],
  message: string,
  hint: string,
  terminal: Partial<Terminal> = {},
): void {
  assert.throws(() => parse(args, terminal), (error) => {
    assert(error instanceof UsageError, String(error));
    assert.deepEqual([error.message, error.hint, error.exitCode], [message, hint, 2]);
    return true;
  });
}
