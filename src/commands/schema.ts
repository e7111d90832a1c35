/**
 * The `schema` command: what there is to ask for in SQL.
 *
 * @module
 */
import { defineCommand } from "../cli/command.ts";
import { jsonFlag } from "../cli/shared_flags.ts";
import { EXIT } from "../core/errors.ts";
import { writeStdout } from "../core/standard_streams.ts";
import { stdoutLook } from "../core/terminal.ts";

/** The command. */
export const schema = defineCommand({
  name: "schema",
  summary: "print views, columns and functions of sql",
  description: [
    "Prints the views of sql with their columns, and the functions that sql has beside those of " +
    "DuckDB. The columns of packets are those of the file.",
  ],
  flags: { json: jsonFlag("print them as JSON") },
  examples: [
    { line: "xdp-inspector schema", help: "what there is to ask for" },
    { line: "xdp-inspector schema --json", help: "the same for programs" },
  ],
  rights: "none",
  options: ({ flags: { json } }) => ({ json }),
  async run({ json }, { stdout }) {
    const { schemaJson, schemaText } = await import("./schema/schema_text.ts");
    writeStdout(json ? schemaJson() : schemaText(stdoutLook()), stdout);
    return EXIT.DONE;
  },
});
