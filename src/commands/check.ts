/**
 * The `check` command: whether recording works here.
 *
 * @module
 */
import { defineCommand } from "../cli/command.ts";
import {
  bufferFlag,
  interfaceFlag,
  jsonFlag,
  outputFlag,
  verboseFlag,
} from "../cli/shared_flags.ts";
import { flagForWord } from "../cli/word_hints.ts";

/** The command. */
export const check = defineCommand({
  name: "check",
  summary: "find out whether recording works here, and what would distort it",
  description: [
    "Tries out what a recording needs: privileges, kernel, libbpf, DuckDB, the interface and the " +
    "disk. Loads the BPF programs, but attaches them only where nothing else is: in a network " +
    "namespace that is gone afterwards. No interface is changed.",
    "Each line begins with ok, warn or fail. If one begins with fail, the exit code is 3.",
  ],
  flags: {
    interfaces: interfaceFlag("interface that is to be recorded, as for record"),
    output: outputFlag({ help: "the Parquet file that is to be written" }),
    verbose: verboseFlag(),
    json: jsonFlag("print the findings as JSON"),
  },
  examples: [
    { line: "sudo xdp-inspector check", help: "the interface of the default route" },
    { line: "sudo xdp-inspector check -i eth0 --json", help: "for other programs" },
  ],
  isFirstChoice: true,
  wordsHint: (words) => flagForWord("check", words),
  rights: "kernel",
  options: ({ flags: { interfaces, output, json } }) => ({ interfaces, output, json }),
  async run(options) {
    const { runCheck } = await import("./check/run_check.ts");
    return await runCheck({ ...options, ringBytes: bufferFlag().read([]) });
  },
});
