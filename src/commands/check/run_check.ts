/**
 * The `check` command: whether recording works here.
 *
 * @module
 */
import { EXIT } from "../../core/errors.ts";
import { writeStdout } from "../../core/standard_streams.ts";
import { stdoutLook } from "../../core/terminal.ts";
import { judge } from "../../preflight/judge.ts";
import { preflight } from "../../preflight/preflight.ts";
import { renderCheckJson, renderCheckLines } from "../../render/check_list.ts";

/** Settings of `check`. */
export interface CheckOptions {
  /** Names as for `record`; none = the interface of the default route. */
  readonly interfaces: readonly string[];
  /** Path of the file that is to be written. */
  readonly output: string;
  /** Memory of the rings of the recording to come. */
  readonly ringBytes: number;
  /** Print the findings as JSON. */
  readonly json: boolean;
}

/**
 * Prints what is in the way of a recording.
 *
 * @returns exit code
 */
export async function runCheck({ json, ...plan }: CheckOptions): Promise<number> {
  const findings = judge(await preflight(plan));
  const { colour } = stdoutLook();
  writeStdout(json ? renderCheckJson(findings) : renderCheckLines(findings, colour));
  return findings.some(({ status }) => status === "fail") ? EXIT.UNSUPPORTED : EXIT.DONE;
}
