/**
 * The `stats` command: one report on recorded packets.
 *
 * @module
 */
import { defineCommand, type Word } from "../cli/command.ts";
import { chooseFormat, type FormatWord } from "../cli/format_choice.ts";
import { reportAndFiles } from "../cli/report_and_files.ts";
import {
  answerOutputFlag,
  filesFlag,
  forceFlag,
  formatFlag,
  jsonFlag,
  limitFlag,
  NO_FILTER,
  timeoutFlag,
  verboseFlag,
} from "../cli/shared_flags.ts";
import type { StatsOptions } from "../cli/stats_options.ts";
import { FORMATS } from "../render/formats.ts";
import { REPORTS } from "../reports/all.ts";

/** Where nobody can press Ctrl-C, a file made to take for ever must not. */
const UNATTENDED_TIMEOUT_MS = 600_000;

/** The command, for reports and formats of which the first is the default. */
export function statsCommand(reports: readonly Word[], formats: readonly FormatWord[]) {
  const names = reports.map(([name]) => name);
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
      usage: `[${names.join("|")}] [files...]`,
      title: "Reports",
      words: reports,
      completes: "file",
    },
    flags: {
      files: filesFlag(),
      format: formatFlag(formats.map(({ name }) => name)),
      json: jsonFlag("the same as --format json"),
      output: answerOutputFlag(),
      force: forceFlag(),
      limit: limitFlag(),
      timeout: timeoutFlag(),
      verbose: verboseFlag(),
    },
    examples: [
      { line: "xdp-inspector stats", help: "summary of traffic.parquet" },
      { line: "xdp-inspector stats top eth0.parquet -n 5", help: "the five largest sources" },
      { line: "xdp-inspector stats flows --format csv", help: "flows for other programs" },
      { line: "xdp-inspector stats flows -n 0 -o flows.parquet", help: "all flows, with types" },
    ],
    isFirstChoice: true,
    missingFlags: { "--filter": NO_FILTER },
    rights: ({ output }: StatsOptions) => output === undefined ? "files" : "files and output",
    options({ flags, given, operands }, { exists, stdoutIsTerminal }): StatsOptions {
      const { format, output } = chooseFormat(
        { ...flags, format: given.has("format") ? flags.format : null },
        formats,
        stdoutIsTerminal,
      );
      const { report, files } = reportAndFiles(
        { names, files: given.has("files") ? flags.files : null, operands },
        exists,
      );
      return {
        report,
        files: files ?? flags.files,
        limit: flags.limit,
        format,
        ...(output !== null && { output, force: flags.force }),
        ...(flags.timeout !== null && { timeoutMs: flags.timeout }),
      };
    },
    async run(options) {
      (await import("../../ffi/duckdb/duckdb_addon.ts")).provideDuckdb();
      const { fileOutput, runStats } = await import("./stats/run_stats.ts");
      const defaultMs = Deno.stdout.isTerminal() ? 0 : UNATTENDED_TIMEOUT_MS;
      const { output, force = false } = options;
      if (output === undefined) return await runStats({ timeoutMs: defaultMs, ...options });
      const { AnswerFile } = await import("../sinks/output/answer_file.ts");
      using file = AnswerFile.create(output, { force });
      return await runStats({ timeoutMs: defaultMs, ...options }, fileOutput(file));
    },
  });
}

/** The command. */
export const stats = statsCommand(
  REPORTS.map(({ name, help }) => [name, help]),
  FORMATS,
);
