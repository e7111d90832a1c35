/**
 * The `stats` command: one report on recorded packets.
 *
 * @module
 */
import { defineCommand, type Word } from "../cli/command.ts";
import { reportAndFiles } from "../cli/report_and_files.ts";
import {
  filesFlag,
  formatFlag,
  jsonFlag,
  limitFlag,
  NO_FILTER,
  timeoutFlag,
  verboseFlag,
} from "../cli/shared_flags.ts";
import { readSelection, selectionFlags } from "../cli/selection_flags.ts";
import type { StatsOptions } from "../cli/stats_options.ts";
import { UsageError } from "../core/errors.ts";
import { FORMATS } from "../render/formats.ts";
import { REPORTS } from "../reports/all.ts";

/** Where nobody can press Ctrl-C, a file made to take for ever must not. */
const UNATTENDED_TIMEOUT_MS = 600_000;

/** The command, for reports and formats of which the first is the default. */
export function statsCommand(reports: readonly Word[], formats: readonly string[]) {
  const names = reports.map(([name]) => name);
  return defineCommand({
    name: "stats",
    summary: "report on recorded packets",
    description: ["Reports on recorded packets. Needs no privileges."],
    operands: {
      usage: `[${names.join("|")}] [files...]`,
      title: "Reports",
      words: reports,
      completes: "file",
    },
    flags: {
      files: filesFlag(),
      ...selectionFlags(),
      format: formatFlag(formats),
      json: jsonFlag("the same as --format json"),
      limit: limitFlag(),
      timeout: timeoutFlag(),
      verbose: verboseFlag(),
    },
    examples: [
      { line: "xdp-inspector stats", help: "summary of traffic.parquet" },
      { line: "xdp-inspector stats top eth0.parquet -n 5", help: "the five largest sources" },
      {
        line: "xdp-inspector stats flows --from 14:00 --to +5m",
        help: "five minutes of the day of the recording",
      },
      { line: "xdp-inspector stats flows --format csv", help: "flows for other programs" },
    ],
    isFirstChoice: true,
    missingFlags: { "--filter": NO_FILTER },
    rights: "files",
    options({ flags, given, operands }, { exists }): StatsOptions {
      if (flags.json && given.has("format") && flags.format !== "json") {
        throw new UsageError(`Cannot use --json together with --format ${flags.format}`, {
          hint: "Leave one of them out",
        });
      }
      const { report, files } = reportAndFiles(
        { names, files: given.has("files") ? flags.files : null, operands },
        exists,
      );
      return {
        report,
        files: files ?? flags.files,
        selection: readSelection(flags),
        limit: flags.limit,
        format: flags.json ? "json" : flags.format,
        ...(flags.timeout !== null && { timeoutMs: flags.timeout }),
      };
    },
    async run(options) {
      (await import("../../ffi/duckdb/duckdb_addon.ts")).provideDuckdb();
      const { runStats } = await import("./stats/run_stats.ts");
      const defaultMs = Deno.stdout.isTerminal() ? 0 : UNATTENDED_TIMEOUT_MS;
      return await runStats({ timeoutMs: defaultMs, ...options });
    },
  });
}

/** The command. */
export const stats = statsCommand(
  REPORTS.map(({ name, help }) => [name, help]),
  FORMATS.map(({ name }) => name),
);
