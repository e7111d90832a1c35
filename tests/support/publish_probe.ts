/**
 * Publishes a file as a recording does and prints what `publish()` returns, for tests that run it where
 * a system call is refused.
 *
 *     deno run -A tests/support/publish_probe.ts <path>
 *
 * @module
 */
import { OutputFile } from "../../src/sinks/output/output_file.ts";
import { syncPath } from "../../src/sinks/output/sync_path.ts";
import { say } from "./print.ts";

using output = OutputFile.prepare(Deno.args[0]!, { noClobber: false });
Deno.writeTextFileSync(output.temporaryPath, "recorded");
// As a segment is closed.
syncPath(output.temporaryPath);
try {
  say(String(output.publish()));
} catch (error) {
  say(`${(error as Error).message}\n${(error as { hint?: string }).hint}`);
}
