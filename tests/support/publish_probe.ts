/**
 * Publishes a file as a recording does and prints what `publish()` returns, for tests that run it where
 * a system call is refused.
 *
 *     deno run -A tests/support/publish_probe.ts <path>
 *
 * @module
 */
import { OutputFile } from "../../src/sinks/output/output_file.ts";
import { say } from "./print.ts";

using output = OutputFile.prepare(Deno.args[0]!, { noClobber: false });
Deno.writeTextFileSync(output.temporaryPath, "recorded");
say(String(output.publish()));
