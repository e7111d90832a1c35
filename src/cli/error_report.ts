/**
 * How errors are shown.
 *
 * @module
 */
import { EXIT, firstError, InspectorError } from "../core/errors.ts";
import { printable, printableLines } from "../core/printable.ts";
import { shortened } from "../core/shortened.ts";
import { systemHint } from "../core/system_hint.ts";
import { PROGRAM_NAME } from "../core/version.ts";

/** Chains of causes end here, should one ever lead back to itself. */
const MAX_CAUSES = 8;

/** What goes to standard error, and the code the process ends with. */
export interface ErrorReport {
  /** Lines, each ended by a line break. */
  readonly text: string;
  readonly exitCode: number;
}

/**
 * Describes an error: a line with the message, a line with the next step, that of the system's error
 * if it has none of its own, and with `verbose` the errors that caused it, at their full length. Whatever is no {@linkcode InspectorError} is a defect of this program; its
 * stack is shown with `verbose` only.
 */
export function reportError(thrown: unknown, verbose: boolean): ErrorReport {
  const error = firstError(thrown);
  if (!(error instanceof InspectorError)) return reportDefect(error, verbose);
  const lines = [`${PROGRAM_NAME}: ${printable(error.message)}`];
  if (error.details !== undefined) lines.push(...indent(error.details));
  const hint = error.hint ?? systemHint(error.cause);
  if (hint !== undefined) lines.push(`  ${printable(hint)}`);
  if (verbose) lines.push(...causeLines(error.cause));
  return { text: join(lines), exitCode: error.exitCode };
}

function reportDefect(error: unknown, verbose: boolean): ErrorReport {
  const [message = ""] = messageOf(error).split("\n", 1);
  const lines = [
    `${PROGRAM_NAME}: Internal error: ${printable(shortened(message))}`,
    `  This is a defect, please report it${verbose ? "" : "; -v shows where it happened"}`,
  ];
  if (verbose) {
    if (error instanceof Error && error.stack !== undefined) lines.push(...indent(error.stack));
    if (error instanceof Error) lines.push(...causeLines(error.cause));
  }
  return { text: join(lines), exitCode: EXIT.FAILURE };
}

/** The errors behind an error, outermost first. A message can have many lines: verifier logs have. */
function causeLines(cause: unknown): string[] {
  const lines: string[] = [];
  for (let depth = 0; depth < MAX_CAUSES && cause !== undefined; depth++) {
    lines.push(...indent(`caused by ${nameOf(cause)}: ${messageOf(cause)}`));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function indent(text: string): string[] {
  return printableLines(text).trimEnd().split("\n").map((line) => `  ${line}`);
}

function join(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
