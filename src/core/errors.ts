/**
 * Errors that are the user's to act on. Each carries the exit code that scripts rely on and, where
 * one is known, the next step. Anything else that is thrown is a defect of the program.
 *
 * @module
 */

import { shortened } from "./shortened.ts";

/** Exit codes of the program. */
export const EXIT = {
  DONE: 0,
  FAILURE: 1,
  USAGE: 2,
  UNSUPPORTED: 3,
  INTERRUPTED: 130,
} as const;

export interface InspectorErrorOptions extends ErrorOptions {
  /** What the user can do next, as one imperative sentence without a final period. */
  readonly hint?: string;
  /** Lines that are shown between message and hint as they are: a place in what the user wrote. */
  readonly details?: string;
}

/**
 * Base of all expected errors: a message that names the value, an exit code and a next step. Values of
 * an unreasonable length are shortened here, so that who makes a message need not think of them.
 */
export class InspectorError extends Error {
  readonly exitCode: number;
  readonly hint: string | undefined;
  readonly details: string | undefined;

  constructor(message: string, exitCode: number, options: InspectorErrorOptions = {}) {
    super(shortened(message), options);
    this.name = new.target.name;
    this.exitCode = exitCode;
    this.hint = options.hint === undefined ? undefined : shortened(options.hint);
    this.details = options.details?.split("\n").map(shortened).join("\n");
  }
}

/**
 * The error that came first: what fails while an error is on its way, as a clean-up does, hides it.
 */
export function firstError(error: unknown): unknown {
  while (error instanceof SuppressedError) error = error.suppressed;
  return error;
}

/** The command line cannot be understood: unknown flag or command, value that does not parse. */
export class UsageError extends InspectorError {
  constructor(message: string, options?: InspectorErrorOptions) {
    super(message, EXIT.USAGE, options);
  }
}

/** The command line is fine, but the work cannot be done: file, interface, disk. */
export class RunError extends InspectorError {
  constructor(message: string, options?: InspectorErrorOptions) {
    super(message, EXIT.FAILURE, options);
  }
}

/** A privilege, kernel feature or system library is missing. */
export class UnsupportedError extends InspectorError {
  constructor(message: string, options?: InspectorErrorOptions) {
    super(message, EXIT.UNSUPPORTED, options);
  }
}
