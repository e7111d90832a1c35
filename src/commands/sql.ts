/**
 * The `sql` command: SQL on recorded packets.
 *
 * @module
 */
import { defineCommand } from "../cli/command.ts";
import { listChoices, listFlag, optionalFlag, switchFlag } from "../cli/flag.ts";
import { parsePath } from "../cli/flag_values.ts";
import { chooseFormat } from "../cli/format_choice.ts";
import {
  answerOutputFlag,
  filesFlag,
  forceFlag,
  formatFlag,
  jsonFlag,
  limitFlag,
  timeoutFlag,
  verboseFlag,
} from "../cli/shared_flags.ts";
import { readSelection, selectionFlags } from "../cli/selection_flags.ts";
import type { SqlOptions } from "../cli/sql_options.ts";
import { UsageError } from "../core/errors.ts";
import { InvalidValue } from "../core/invalid_value.ts";
import type { TableRequest } from "../query/user_tables.ts";
import { FORMATS } from "../render/formats.ts";

/** Where nobody can press Ctrl-C, a query that takes for ever must not. */
const UNATTENDED_TIMEOUT_MS = 600_000;

/** Names that are taken; those of reports need not be views. */
const TAKEN = ["packets", "flows", "conversations", "connections", "recordings", "attachments"];

const ENDINGS = [".csv", ".tsv", ".parquet", ".json", ".ndjson", ".jsonl"];

/** The command. */
export const sql = defineCommand({
  name: "sql",
  summary: "ask recorded packets in SQL",
  description: [
    "Runs a query on recordings, in the SQL of DuckDB: from the command line, a file, standard input, " +
    "or a prompt on a terminal. Needs no privileges. What there is to ask for is printed by schema.",
    "Statements may only read, and only the named files. Several, with semicolons between them, " +
    "are answered one after the other, as tables. Rows of sampled packets stand for more: " +
    "sum_packets(sample_rate) and sum_bytes(packet_length, sample_rate) scale.",
    "Columns of the same name are numbered in JSON: n, n_1, n_2.",
    "At the prompt a statement ends with a semicolon. Tab completes, Ctrl-C ends the query, Ctrl-D " +
    "leaves; .help shows the rest. What was asked is remembered in ~/.xdp-inspector_history.",
  ],
  operands: { usage: "[query]", title: "Query", words: [], completes: "none" },
  flags: {
    files: filesFlag(),
    queryFile: optionalFlag({
      long: "--query-file",
      short: "-F",
      valueName: "<path>",
      completes: "file",
      help: "file with the query",
      parse: parsePath,
    }),
    tables: listFlag<TableRequest>({
      long: "--table",
      valueName: "<name=path>",
      completes: "file",
      defaultText: "none",
      defaults: [],
      help:
        "a table of your own, out of a file that ends with .csv, .tsv, .parquet, .json, .ndjson " +
        "or .jsonl; repeat the flag for several",
      parse: (text) => [parseTable(text)],
    }),
    unrestricted: switchFlag({
      long: "--unrestricted",
      help: "let statements write, open other files, and change settings",
    }),
    ...selection(),
    format: formatFlag(FORMATS.map(({ name }) => name)),
    json: jsonFlag("the same as --format json"),
    output: answerOutputFlag(),
    force: forceFlag(),
    limit: { ...limitFlag(), defaultText: "1000 in a table, else all" },
    timeout: timeoutFlag(),
    verbose: verboseFlag(),
  },
  examples: [
    {
      line:
        "xdp-inspector sql 'SELECT count(*) FROM packets WHERE in_net(source_ip, $$10.0.0.0/8$$)'",
      help: "a query, on traffic.parquet",
    },
    { line: "xdp-inspector sql -f eth0.parquet", help: "a prompt" },
    {
      line: "xdp-inspector sql -F query.sql --table hosts=inventory.csv -o answer.parquet",
      help: "a query from a file, over a table of your own too",
    },
  ],
  rights: "output",
  options({ flags, given, operands }, { stdoutIsTerminal }): SqlOptions {
    const [query = null, extra] = operands;
    if (extra !== undefined) {
      throw new UsageError(`Cannot use "${extra}": "sql" takes one query`, {
        hint: "Put quotes around the query, and name files with --file",
      });
    }
    if (query !== null && flags.queryFile !== null) {
      throw new UsageError("Cannot use --query-file together with a query", {
        hint: "Leave one of them out",
      });
    }
    const names = flags.tables.map(({ name }) => name.toLowerCase());
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) {
      throw new UsageError(`Cannot name two tables "${twice}"`, {
        hint: "Choose another name for one of them",
      });
    }
    const { format, output } = chooseFormat(
      { ...flags, format: given.has("format") ? flags.format : null },
      FORMATS,
      stdoutIsTerminal,
    );
    return {
      files: flags.files,
      selection: readSelection(flags),
      query,
      queryFile: flags.queryFile,
      tables: flags.tables,
      isUnrestricted: flags.unrestricted,
      limit: flags.limit,
      format,
      ...(output !== null && { output, force: flags.force }),
      ...(flags.timeout !== null && { timeoutMs: flags.timeout }),
    };
  },
  async run(options) {
    const { output, force = false, query, queryFile } = options;
    const isTerminal = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
    const isAsked = isTerminal && output === undefined && query === null && queryFile === null;
    using terminal = isAsked ? (await import("./sql/terminal_streams.ts")).openTerminal() : null;
    await (await import("./shared/loaded_first.ts")).loadReading(options.files, options.selection);
    const runPrompt = terminal && (await import("./sql/prompt.ts")).runPrompt;
    const { fileOutput, processOutput } = await import("./stats/run_stats.ts");
    const { runSql } = await import("./sql/run_sql.ts");
    const { becomeAnswering } = await import("./shared/answer_file_output.ts");
    using file = await becomeAnswering(output === undefined ? null : { path: output, force });
    if (runPrompt !== null) return await runPrompt(options, terminal!);
    const defaultMs = Deno.stdout.isTerminal() ? 0 : UNATTENDED_TIMEOUT_MS;
    const asked = { timeoutMs: defaultMs, ...options };
    return await runSql(asked, file === null ? processOutput() : fileOutput(file));
  },
});

/** As everywhere, but that -F is the file with the query: that of a filter has its long name only. */
function selection() {
  const flags = selectionFlags();
  return { ...flags, filterFile: { ...flags.filterFile, short: undefined } };
}

function parseTable(text: string): TableRequest {
  const [, name, path] = /^([^=]*)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || path === undefined) {
    throw new InvalidValue("it names no file", 'Write it as in "hosts=inventory.csv"');
  }
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new InvalidValue("its name is none of SQL", "Use letters, digits and _, a letter first");
  }
  if (TAKEN.includes(name.toLowerCase())) {
    throw new InvalidValue("its name is taken", "Choose another name for the table");
  }
  if (!ENDINGS.some((ending) => path.toLowerCase().endsWith(ending))) {
    throw new InvalidValue(
      "its file does not say what it is",
      `Let its name end with ${listChoices(ENDINGS)}`,
    );
  }
  return { name, path };
}
