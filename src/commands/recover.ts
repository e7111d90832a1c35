/**
 * The `recover` command: what a killed recording has left becomes a recording.
 *
 * @module
 */
import { defineCommand } from "../cli/command.ts";
import { jsonFlag, verboseFlag } from "../cli/shared_flags.ts";
import { UsageError } from "../core/errors.ts";

/** The command. */
export const recover = defineCommand({
  name: "recover",
  summary: "make recordings of what killed recorders have left",
  description: [
    "A recorder that is killed, or a machine that loses power, leaves a hidden directory beside the " +
    "output: .<output>.xdp-inspector-<number>. This makes a Parquet file of what is in it, under the " +
    "name that it was to get or, if that is taken, with -recovered behind it, and removes the " +
    "directory. The file says that its recording ended by a crash.",
    "Recorders that still run are left alone.",
  ],
  operands: {
    usage: "<path>",
    title: "Path",
    words: [],
    completes: "directory",
  },
  flags: {
    verbose: verboseFlag(),
    json: jsonFlag("print what became of each directory as JSON"),
  },
  examples: [
    { line: "sudo xdp-inspector recover .", help: "all that is left in this directory" },
    { line: "sudo xdp-inspector recover traffic.parquet", help: "what belongs to one output" },
  ],
  rights: "kernel",
  options: ({ operands, flags: { json } }) => {
    if (operands.length !== 1) {
      throw new UsageError(
        operands.length === 0 ? "Cannot recover: no path" : "Cannot recover several paths at once",
        { hint: 'Name a directory or an output, as in "xdp-inspector recover ."' },
      );
    }
    return { path: operands[0]!, json };
  },
  async run(options) {
    const { runRecover } = await import("./recover/run_recover.ts");
    return runRecover(options);
  },
});
