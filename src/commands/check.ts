/**
 * The `check` command: whether recording works here.
 *
 * @module
 */
import type { CheckOptions } from "../cli/command_line.ts";
import { RECORD_FLAGS } from "../cli/flags.ts";
import { EXIT } from "../core/errors.ts";
import { writeStdout } from "../core/standard_streams.ts";
import { judge } from "../preflight/judge.ts";
import { preflight } from "../preflight/preflight.ts";
import { renderCheckJson, renderCheckLines } from "../render/check_list.ts";

/**
 * Prints what is in the way of a recording.
 *
 * @returns exit code
 */
export async function runCheck({ interfaces, output, json }: CheckOptions): Promise<number> {
  const ringBytes = RECORD_FLAGS.bufferBytes.read([]);
  const findings = judge(await preflight({ interfaces, output, ringBytes }));
  const colour = Deno.stdout.isTerminal() && !Deno.noColor && Deno.env.get("TERM") !== "dumb";
  writeStdout(json ? renderCheckJson(findings) : renderCheckLines(findings, colour));
  return findings.some(({ status }) => status === "fail") ? EXIT.UNSUPPORTED : EXIT.DONE;
}
