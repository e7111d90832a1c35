/**
 * The `convert` command: a selection of recordings into one file.
 *
 * @module
 */
import { defineCommand } from "../cli/command.ts";
import type { ConvertFormat, ConvertOptions } from "../cli/convert_options.ts";
import { choiceFlag, optionalFlag, switchFlag } from "../cli/flag.ts";
import { parsePath } from "../cli/flag_values.ts";
import { chooseFormat, type FormatWord } from "../cli/format_choice.ts";
import { readSelection, selectionFlags } from "../cli/selection_flags.ts";
import { filesFlag, verboseFlag } from "../cli/shared_flags.ts";
import { STANDARD_INPUT } from "../contract/default_file.ts";
import { UsageError } from "../core/errors.ts";

/** The formats; the first is that of standard output, as it is for `record`. */
const FORMATS: readonly (FormatWord & { readonly name: ConvertFormat })[] = [
  { name: "arrow", isBinary: true, endings: [".arrow", ".arrows"] },
  { name: "csv", endings: [".csv"] },
  { name: "ndjson", endings: [".ndjson", ".jsonl"] },
  { name: "parquet", isBinary: true, endings: [".parquet"] },
];

/** Stands for standard output, as it does for standard input. */
const STANDARD_OUTPUT = STANDARD_INPUT;

/** The command. */
export const convert = defineCommand({
  name: "convert",
  summary: "write selected packets of recordings into one file",
  description: [
    "Writes the selected packets of one or several inputs into one file, in the order of their times. " +
    "Needs no privileges.",
    "A Parquet file is a recording again, with all that is known of it: what is selected counts as " +
    "captured, the rest as filtered, and loss stays what it was. So is an Arrow stream. CSV and NDJSON " +
    "have the columns only.",
  ],
  operands: {
    usage: "[files...]",
    title: "Inputs",
    words: [],
    completes: "file",
  },
  flags: {
    files: filesFlag(),
    output: optionalFlag({
      long: "--output",
      short: "-o",
      aliases: ["-w", "--write"],
      valueName: "<path>",
      completes: "file",
      defaultText: "must be given",
      help: "file to write; its ending says in which format: .parquet, .arrow, .csv or .ndjson; " +
        "- = standard output",
      parse: parsePath,
    }),
    format: choiceFlag({
      long: "--format",
      choices: FORMATS.map(({ name }) => name),
      defaultValue: "arrow",
      help: "format of standard output, and of a file whose name does not tell",
    }),
    ...selectionFlags(),
    force: switchFlag({
      long: "--force",
      help: "replace the output even if it is no recording",
    }),
    quiet: switchFlag({ long: "--quiet", short: "-q", help: "print errors and warnings only" }),
    verbose: verboseFlag(),
  },
  examples: [
    {
      line: "xdp-inspector convert eth0.parquet --from 14:00 --to +5m -o part.parquet",
      help: "five minutes, as a recording",
    },
    { line: "xdp-inspector convert captures/ -o all.parquet", help: "many files as one" },
    {
      line: 'xdp-inspector convert --where "destination_port = 53" -o dns.csv',
      help: "DNS queries of traffic.parquet for other programs",
    },
    { line: "xdp-inspector convert in.arrow -o out.parquet", help: "what record -o - wrote" },
  ],
  rights: "output",
  options({ flags, given, operands }, { stdoutIsTerminal }): ConvertOptions {
    if (flags.output === null) {
      throw new UsageError("Cannot convert without an output", {
        hint: 'Name a file, as in "-o part.parquet", or "-o -" for standard output',
      });
    }
    const { format, output } = chooseFormat(
      { format: given.has("format") ? flags.format : null, json: false, output: flags.output },
      FORMATS,
      stdoutIsTerminal,
    );
    if (output === null && format === "parquet") {
      throw new UsageError("Cannot write parquet to standard output: its end must be known first", {
        hint: `Name a file with --output, or leave --format out for Arrow on "${STANDARD_OUTPUT}"`,
      });
    }
    const files = [...given.has("files") ? flags.files : [], ...operands];
    return {
      files: files.length === 0 ? flags.files : files,
      selection: readSelection(flags),
      format: format as ConvertFormat,
      output,
      force: flags.force,
      quiet: flags.quiet,
    };
  },
  async run(options) {
    await (await import("./shared/loaded_first.ts")).loadReading(options.files, options.selection);
    const { runConvert } = await import("./convert/run_convert.ts");
    await import("../query/packet_copy.ts");
    const { becomeReader } = await import("./shared/reading_output.ts");
    const { output: path, force } = options;
    using output = await becomeReader(path === null ? null : { path, force, noClobber: false });
    return await runConvert(options, output);
  },
});
