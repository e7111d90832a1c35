/**
 * The reason that the operating system gave for a failure, fit to stand behind a colon.
 *
 * @module
 */
import { lowerFirst } from "./lower_first.ts";

/**
 * Describes an error of a Deno or Node.js file or network call in the system's own words:
 * `no such file or directory`. Drops what the message adds to that (number, call, path), because
 * our messages name the action and the path themselves.
 */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // "No space left on device (os error 28)", with or without ": open 'x'" behind it.
  const system = /^(.*?) \(os error \d+\)/s.exec(message)?.[1] ??
    // "ENOENT: no such file or directory, open 'x'"
    /^E[A-Z0-9]+: (.*?)(?:, \w+(?: '.*)?)?$/s.exec(message)?.[1];
  if (system === undefined) return message;
  return lowerFirst(system);
}
