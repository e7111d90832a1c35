/** What is written behind the name of a report, for reports that the program does not have. */
import assert from "node:assert/strict";
import { choiceText, commandHelp } from "../../../src/cli/help.ts";
import { manPage } from "../../../src/cli/man_page.ts";
import { readCommandLine } from "../../../src/cli/read_command_line.ts";
import { reportDetails } from "../../../src/cli/report_choices.ts";
import type { StatsOptions } from "../../../src/cli/stats_options.ts";
import { statsCommand } from "../../../src/commands/stats.ts";
import { UsageError } from "../../../src/core/errors.ts";
import { InvalidValue } from "../../../src/core/invalid_value.ts";
import { SUMMARY } from "../../../src/reports/summary.ts";
import type { ReportFlag, TableReport } from "../../../src/reports/report.ts";
import { PIPE } from "./parsing.ts";

const SLOW: ReportFlag = {
  long: "--slow",
  valueName: "<n>",
  help: "only slower than this",
  defaultText: "all",
  parse: (text) => {
    if (!/^\d+$/.test(text)) throw new InvalidValue("it is no number", "Write a number");
    return Number(text);
  },
};

const PLAIN: TableReport = {
  kind: "table",
  name: "plain",
  help: "nothing to choose",
  columns: [{ name: "interface", kind: "text" }, { name: "total_bytes", kind: "bytes" }],
  defaultLimit: 0,
  keys: ["interface"],
  sorts: ["total_bytes"],
  sql: "SELECT 1",
  cells: [],
};

const CHOOSY: TableReport = {
  ...PLAIN,
  name: "choosy",
  definitions: ["A `thing` is a thing."],
  by: {
    default: "one",
    groupings: [
      { name: "one", help: "by one" },
      {
        name: "two",
        help: "by two",
        argument: {
          usage: "[/n]",
          parse: (text) => {
            if (!/^\d+$/.test(text)) throw new InvalidValue("it has no number behind it");
            return [Number(text)];
          },
        },
      },
    ],
  },
  flags: [SLOW],
  layout: ({ by }) => ({
    ...PLAIN,
    columns: [{ name: by?.name === "two" ? "twin" : "single", kind: "text" }, ...PLAIN.columns],
  }),
};

/** Another that has the same flag. */
const SLUGGISH: TableReport = { ...PLAIN, name: "sluggish", flags: [SLOW] };

const STATS = statsCommand([SUMMARY, PLAIN, CHOOSY, SLUGGISH], [{ name: "table" }]);

function options(...args: string[]): StatsOptions {
  const request = readCommandLine(["stats", ...args], [STATS], PIPE);
  assert(request.kind === "run");
  return request.options as StatsOptions;
}

function refuses(args: readonly string[], message: string, hint: string | undefined): void {
  assert.throws(() => options(...args), (error: unknown) => {
    assert(error instanceof UsageError);
    assert.deepEqual([error.message, error.hint], [message, hint]);
    return true;
  });
}

Deno.test("reportChoices() reads keys, orders and the report's own flags", () => {
  const none = { by: null, order: null, flags: new Map() };
  const one = { ...none, by: { name: "one", argument: [] } };
  assert.equal(options("plain").choices, undefined);
  assert.deepEqual(options("choosy", "--by", "one").choices, one);
  const cases: [args: string[], choices: unknown][] = [
    [["choosy", "--by", "two"], { ...none, by: { name: "two", argument: [] } }],
    [["choosy", "--by=two/7"], { ...none, by: { name: "two", argument: [7] } }],
    [["choosy", "--slow", "5"], { ...one, flags: new Map([["--slow", 5]]) }],
    [["sluggish", "--slow", "6"], { ...none, flags: new Map([["--slow", 6]]) }],
    [["plain", "--sort", "interface"], order(none, "interface", true)],
    [["plain", "--sort", "interface/desc"], order(none, "interface", true)],
    [["plain", "--sort", "-interface"], order(none, "interface", false)],
    [["plain", "--sort", "interface/asc"], order(none, "interface", false)],
    // Columns are those of the key that was chosen.
    [["choosy", "--sort", "single"], order(one, "single", true)],
    [
      ["choosy", "--sort", "twin", "--by", "two"],
      order({ ...none, by: { name: "two", argument: [] } }, "twin", true),
    ],
  ];
  for (const [args, choices] of cases) assert.deepEqual(options(...args).choices, choices);
});

function order(choices: object, column: string, descending: boolean): unknown {
  return { ...choices, order: { column, descending } };
}

Deno.test("reportChoices() names the reports that have a flag for one that does not", () => {
  const cases: [args: string[], flag: string, owners: string][] = [
    [["plain", "--by", "one"], "--by", '"choosy"'],
    [["--by", "one"], "--by", '"choosy"'],
    [["plain", "--slow", "1"], "--slow", '"choosy", "sluggish"'],
    [["summary", "--slow", "1"], "--slow", '"choosy", "sluggish"'],
    [["summary", "--sort", "interface"], "--sort", '"plain", "choosy", "sluggish"'],
  ];
  for (const [args, flag, owners] of cases) {
    const report = args[0]!.startsWith("-") ? "summary" : args[0]!;
    const message = `Cannot use ${flag} with the report "${report}"`;
    refuses(args, message, `Reports that have ${flag}: ${owners}`);
  }
});

Deno.test("reportChoices() offers near keys and columns, and lists them when none is near", () => {
  refuses(
    ["choosy", "--by", "tow"],
    'Cannot use "tow" for --by: "choosy" has no such key',
    'Did you mean "two"?',
  );
  refuses(
    ["choosy", "--by", "wrong"],
    'Cannot use "wrong" for --by: "choosy" has no such key',
    'Choose "one" or "two[/n]"',
  );
  refuses(
    ["plain", "--sort", "-interfcae"],
    'Cannot use "-interfcae" for --sort: "plain" has no such column',
    'Did you mean "interface"?',
  );
  refuses(
    ["plain", "--sort", "bytes"],
    'Cannot use "bytes" for --sort: "plain" has no such column',
    'Did you mean "total_bytes"?',
  );
  refuses(
    ["plain", "--sort", "x y; DROP"],
    'Cannot use "x y; DROP" for --sort: "plain" has no such column',
    'Choose "interface" or "total_bytes"',
  );
  // A column of another key is none of this one.
  refuses(
    ["choosy", "--sort", "twin"],
    'Cannot use "twin" for --sort: "choosy" has no such column',
    'Choose "single", "interface" or "total_bytes"',
  );
});

Deno.test("reportChoices() refuses values that cannot be used", () => {
  refuses(
    ["choosy", "--by", "one/2"],
    'Cannot use "one/2" for --by: "one" takes nothing behind it',
    'Write "one"',
  );
  refuses(
    ["choosy", "--by", "two/x"],
    'Cannot use "two/x" for --by: it has no number behind it',
    undefined,
  );
  refuses(
    ["choosy", "--slow", "x"],
    'Cannot use "x" for --slow: it is no number',
    "Write a number",
  );
  refuses(
    ["plain", "--sort", "-interface/asc"],
    'Cannot use "-interface/asc" for --sort: it says the order twice',
    'Write "-interface" or "interface/asc" for the smallest first',
  );
});

Deno.test("commandHelp() and manPage() say what each report can be asked for", () => {
  const texts = reportDetails(CHOOSY).choices.map(choiceText);
  assert.deepEqual(texts, [
    "--by one (default), two[/n]",
    "--slow <n> [default: all]",
    "--sort interface, total_bytes (default)",
  ]);
  const help = commandHelp(STATS, 100);
  assert.match(help, /^ {2}choosy +--by one \(default\), two\[\/n\]$/m);
  assert.match(help, /--slow <n> +only slower than this \(choosy, sluggish\) \[default: all\]/);
  const page = manPage([STATS]).replaceAll("\\-", "-");
  const parts = [
    "\n.SH REPORTS\n.SS summary\n",
    "\n.SS choosy\nnothing to choose.\n.PP\nA \\fBthing\\fR is a thing.\n.PP\n--by one (default), two[/n]\n",
    "\n.TP\n\\fB--by two[/n]\\fR\nby two\n",
  ];
  for (const part of parts) assert(page.includes(part), part);
});
