/**
 * The `diff` command: what changed between two captures.
 *
 * @module
 */
import { defineCommand } from "../cli/command.ts";
import type { DiffOptions } from "../cli/diff_options.ts";
import { optionalFlag, switchFlag } from "../cli/flag.ts";
import { parseWholeNumber } from "../cli/flag_values.ts";
import { chooseFormat } from "../cli/format_choice.ts";
import { byFlag, reportChoices } from "../cli/report_choices.ts";
import { readSelection, selectionFlags } from "../cli/selection_flags.ts";
import {
  answerOutputFlag,
  forceFlag,
  formatFlag,
  jsonFlag,
  timeoutFlag,
  verboseFlag,
} from "../cli/shared_flags.ts";
import { STANDARD_INPUT } from "../contract/default_file.ts";
import { UsageError } from "../core/errors.ts";
import { formatAmount } from "../core/quantity.ts";
import { FORMATS } from "../render/formats.ts";
import { DIFFERENCE } from "../reports/difference.ts";
import { TOP } from "../reports/top.ts";

/** The command. */
export const diff = defineCommand({
  name: "diff",
  summary: "what changed between two captures",
  description: [
    "Compares hosts, conversations and server ports of two captures: what is new, what is gone, and " +
    "whose rate changed most. Needs no privileges.",
    "Rates are bits per second of recorded time, so that the captures may differ in length. A share is " +
    "the part of all bytes of its side; a packet counts for both of its hosts.",
  ],
  operands: {
    usage: "<A> <B>",
    title: "Captures",
    words: [],
    completes: "file",
  },
  flags: {
    by: {
      ...byFlag([TOP]),
      defaultText: "hosts, conversations, server ports",
      help: 'what is compared instead, as for "stats top"',
    },
    limit: optionalFlag({
      long: "--limit",
      short: "-n",
      valueName: "<n>",
      defaultText: String(DIFFERENCE.defaultLimit),
      help: "rows shown of each kind; 0 = all",
      parse: (text) => parseWholeNumber(text, 0, 'Write "0" for all rows'),
    }),
    exitCode: switchFlag({ long: "--exit-code", help: "end with 1 when something is new" }),
    ...selectionFlags(),
    format: formatFlag(FORMATS.map(({ name }) => name)),
    json: jsonFlag("the same as --format json"),
    output: answerOutputFlag(),
    force: forceFlag(),
    timeout: timeoutFlag(),
    verbose: verboseFlag(),
  },
  examples: [
    { line: "xdp-inspector diff yesterday.parquet today.parquet", help: "what changed" },
    {
      line: "xdp-inspector diff a.parquet b.parquet --by subnet/16 -n 0",
      help: "all networks, by change",
    },
    {
      line: "xdp-inspector diff good/ now.parquet --by port -Q in --exit-code",
      help: "fails when a port is new",
    },
  ],
  rights: "output",
  options({ flags, given, operands }, { stdoutIsTerminal }): DiffOptions {
    const [a, b, ...more] = operands;
    if (a === undefined || b === undefined || more.length > 0) {
      throw new UsageError(`Cannot compare ${formatAmount(operands.length, "capture")}: name two`, {
        hint: operands.length > 2
          ? "Quote a pattern, or name a directory, where a side has several files"
          : 'Write "xdp-inspector diff A B"; each is a file, a pattern or a directory',
      });
    }
    if (a === STANDARD_INPUT && b === STANDARD_INPUT) {
      throw new UsageError("Cannot read both captures from standard input", {
        hint: "Name a file for one of them",
      });
    }
    const { format, output } = chooseFormat(
      { ...flags, format: given.has("format") ? flags.format : null },
      FORMATS,
      stdoutIsTerminal,
    );
    return {
      sides: [a, b],
      selection: readSelection(flags),
      by: flags.by === null
        ? null
        : reportChoices(TOP, { by: flags.by, sort: null, flags: new Map() }, [TOP]),
      limit: flags.limit ?? DIFFERENCE.defaultLimit,
      format,
      exitCode: flags.exitCode,
      output,
      force: flags.force,
      timeoutMs: flags.timeout,
    };
  },
  async run(options) {
    await (await import("./shared/loaded_first.ts")).loadReading(options.sides, options.selection);
    const { fileOutput, processOutput } = await import("./stats/run_stats.ts");
    const { runDiff } = await import("./diff/run_diff.ts");
    const { becomeAnswering } = await import("./shared/answer_file_output.ts");
    const { output: path, force } = options;
    using file = await becomeAnswering(path === null ? null : { path, force });
    return await runDiff(options, file === null ? processOutput() : fileOutput(file));
  },
});
