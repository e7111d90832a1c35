/**
 * The `report` command: one page about a capture, to look at and to send to somebody.
 *
 * @module
 */
import { defineCommand } from "../cli/command.ts";
import { optionalFlag } from "../cli/flag.ts";
import { parsePath, parseWholeNumber } from "../cli/flag_values.ts";
import { chooseFormat } from "../cli/format_choice.ts";
import { readSelection, selectionFlags } from "../cli/selection_flags.ts";
import { filesFlag, forceFlag, timeoutFlag, verboseFlag } from "../cli/shared_flags.ts";
import { InvalidValue } from "../core/invalid_value.ts";

/** A browser has to hold and to sort all of them. */
const MOST_ROWS = 1000;
/** Where nobody can press Ctrl-C, a file made to take for ever must not. */
const UNATTENDED_TIMEOUT_MS = 600_000;

/** Nothing that a person reads in a terminal. */
const PAGE = { name: "html", isBinary: true, endings: [".html", ".htm"] } as const;

/** The command. */
export const report = defineCommand({
  name: "report",
  summary: "one page about a capture, for a browser",
  description: [
    "Writes one HTML file about recorded packets: how complete they are and what stands out, the rate " +
    "over time, the largest hosts, conversations and services, packet sizes, TCP health, failed " +
    "connections and scans. It needs no network and no other file. Needs no privileges.",
    "All numbers are those of stats. Charts zoom (drag, or plus and minus; 0 for all), tables sort and copy.",
    "With -o the page appears complete, for its owner only.",
  ],
  operands: {
    usage: "[files...]",
    title: "Files",
    words: [],
    completes: "file",
  },
  flags: {
    files: filesFlag(),
    limit: rowsFlag(),
    ...selectionFlags(),
    output: pageFlag(),
    force: forceFlag(),
    timeout: timeoutFlag(),
    verbose: verboseFlag(),
  },
  examples: [
    { line: "xdp-inspector report -o page.html", help: "a page about traffic.parquet" },
    {
      line: "xdp-inspector report eth0.parquet --from 14:00 --to +5m -o page.html",
      help: "about five minutes",
    },
  ],
  rights: "output",
  options({ flags, given, operands }, { stdoutIsTerminal }) {
    const { output } = chooseFormat(
      { format: PAGE.name, json: false, output: flags.output },
      [PAGE],
      stdoutIsTerminal,
    );
    const files = given.has("files") || operands.length === 0
      ? [...flags.files, ...operands]
      : operands;
    return {
      files,
      selection: readSelection(flags),
      limit: flags.limit,
      output,
      force: flags.force,
      timeoutMs: flags.timeout,
    };
  },
  async run({ output, force, timeoutMs, ...request }) {
    await (await import("./shared/loaded_first.ts")).loadReading(request.files, request.selection);
    const { fileOutput, processOutput } = await import("./stats/run_stats.ts");
    const { runReport } = await import("./report/run_report.ts");
    const { becomeAnswering } = await import("./shared/answer_file_output.ts");
    using file = await becomeAnswering(output === null ? null : { path: output, force });
    const defaultMs = Deno.stdout.isTerminal() ? 0 : UNATTENDED_TIMEOUT_MS;
    return await runReport(
      { ...request, timeoutMs: timeoutMs ?? defaultMs },
      file === null ? processOutput() : fileOutput(file),
    );
  },
});

function rowsFlag() {
  return optionalFlag({
    long: "--limit",
    short: "-n",
    valueName: "<n>",
    defaultText: "per table",
    help: `rows of each table, ${MOST_ROWS} at most`,
    parse(text): number {
      const rows = parseWholeNumber(text, 1, `Write 1 to ${MOST_ROWS}`);
      if (rows <= MOST_ROWS) return rows;
      throw new InvalidValue(
        "a page of so many rows is slow",
        `Write 1 to ${MOST_ROWS}; "stats -n 0 -o file.html" writes all rows of one report`,
      );
    },
  });
}

function pageFlag() {
  return optionalFlag({
    long: "--output",
    short: "-o",
    valueName: "<path>",
    completes: "file",
    defaultText: "standard output",
    help: "file to write",
    parse: parsePath,
  });
}
