/**
 * The `stats` command: one report on recorded packets.
 *
 * @module
 */
import { defineCommand } from "../cli/command.ts";
import { chooseFormat, type FormatWord } from "../cli/format_choice.ts";
import { reportAndFiles } from "../cli/report_and_files.ts";
import {
  byFlag,
  reportChoices,
  reportDetails,
  reportFlags,
  sortFlag,
} from "../cli/report_choices.ts";
import {
  answerOutputFlag,
  explainFlag,
  filesFlag,
  forceFlag,
  formatFlag,
  jsonFlag,
  limitFlag,
  timeoutFlag,
  verboseFlag,
} from "../cli/shared_flags.ts";
import { readSelection, selectionFlags } from "../cli/selection_flags.ts";
import type { StatsOptions } from "../cli/stats_options.ts";
import { UsageError } from "../core/errors.ts";
import { EVERYTHING } from "../query/selection.ts";
import { FORMATS } from "../render/formats.ts";
import { findReport, REPORTS } from "../reports/all.ts";
import type { Report } from "../reports/report.ts";

/** Where nobody can press Ctrl-C, a file made to take for ever must not. */
const UNATTENDED_TIMEOUT_MS = 600_000;

/** The command, for reports and formats of which the first is the default. */
export function statsCommand(reports: readonly Report[], formats: readonly FormatWord[]) {
  const names = reports.map(({ name }) => name);
  const ownFlags = reportFlags(reports);
  return defineCommand({
    name: "stats",
    summary: "report on recorded packets",
    description: [
      "Reports on recorded packets. Needs no privileges.",
      "With -o a report becomes a file that appears complete, for its owner only. parquet and arrow " +
      "keep the types: points in time are nanoseconds in UTC, counts are unsigned 64-bit integers; " +
      "a summary is its one row.",
    ],
    operands: {
      usage: "[report] [files...]",
      title: "Reports",
      words: reports.map(({ name, help }) => [name, help]),
      details: reports.map(reportDetails),
      completes: "file",
    },
    flags: {
      files: filesFlag(),
      by: byFlag(reports),
      sort: sortFlag(reports),
      limit: limitFlag(),
      ...ownFlags,
      explain: explainFlag(),
      ...selectionFlags(),
      format: formatFlag(formats.map(({ name }) => name)),
      json: jsonFlag("the same as --format json"),
      output: answerOutputFlag(),
      force: forceFlag(),
      timeout: timeoutFlag(),
      verbose: verboseFlag(),
    },
    examples: [
      { line: "xdp-inspector stats", help: "summary of traffic.parquet" },
      { line: "xdp-inspector stats top eth0.parquet -n 5", help: "the five largest sources" },
      {
        line: "xdp-inspector stats flows --filter 'tcp port 443 and net 10.0.0.0/8'",
        help: "of what a filter selects, in the words of tcpdump",
      },
      {
        line: "xdp-inspector stats flows --from 14:00 --to +5m",
        help: "five minutes of the day of the recording",
      },
      { line: "xdp-inspector stats flows --format csv", help: "flows for other programs" },
      { line: "xdp-inspector stats flows -n 0 -o flows.parquet", help: "all flows, with types" },
    ],
    isFirstChoice: true,
    rights: "output",
    options({ flags, given, operands }, { exists, stdoutIsTerminal }): StatsOptions {
      const { format, output } = chooseFormat(
        { ...flags, format: given.has("format") ? flags.format : null },
        formats,
        stdoutIsTerminal,
      );
      if (flags.explain && output !== null) {
        throw new UsageError("Cannot use --output together with --explain", {
          hint: 'Redirect standard output, as in "> report.sql"',
        });
      }
      const { report, files } = reportAndFiles(
        { names, files: given.has("files") ? flags.files : null, operands },
        exists,
      );
      const values: Readonly<Record<string, unknown>> = flags;
      const own = Object.keys(ownFlags).filter((name) => given.has(name));
      const written = {
        by: flags.by,
        sort: flags.sort,
        flags: new Map(own.map((name) => [name, values[name]])),
      };
      const hasChoices = given.has("by") || given.has("sort") || own.length > 0;
      return {
        report,
        ...(hasChoices &&
          { choices: reportChoices(findReport(report, reports), written, reports) }),
        ...(flags.explain && { explain: true }),
        files: files ?? flags.files,
        selection: readSelection(flags),
        limit: flags.limit,
        format,
        ...(output !== null && { output, force: flags.force }),
        ...(flags.timeout !== null && { timeoutMs: flags.timeout }),
      };
    },
    async run(options) {
      const { output, force = false } = options;
      await (await import("./shared/loaded_first.ts")).loadReading(
        options.files,
        options.selection ?? EVERYTHING,
      );
      const { fileOutput, runStats } = await import("./stats/run_stats.ts");
      const { becomeAnswering } = await import("./shared/answer_file_output.ts");
      const request = output === undefined ? null : { path: output, force };
      using file = await becomeAnswering(request);
      const defaultMs = Deno.stdout.isTerminal() ? 0 : UNATTENDED_TIMEOUT_MS;
      const asked = { timeoutMs: defaultMs, ...options };
      return await (file === null ? runStats(asked) : runStats(asked, fileOutput(file)));
    },
  });
}

/** The command. */
export const stats = statsCommand(REPORTS, FORMATS);
