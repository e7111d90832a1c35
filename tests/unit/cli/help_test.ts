import assert from "node:assert/strict";
import { EXIT } from "../../../src/core/errors.ts";
import { spellings } from "../../../src/cli/flag.ts";
import { commandHelp, EXIT_CODE_TEXTS, programHelp } from "../../../src/cli/help.ts";
import { COMMANDS } from "../../support/commands.ts";
import { called, commandOf } from "./parsing.ts";
import { REPORTS } from "../../../src/reports/all.ts";

const PROGRAM = `\
Records network traffic with eBPF into Parquet files, and reports on them.

Usage:
  xdp-inspector <command> [flags]

Commands:
  record      record packet headers of interfaces into a Parquet file
  live        show the packets of interfaces as they pass, on the whole screen
  stats       report on recorded packets
  report      one page about a capture, for a browser
  sql         ask recorded packets in SQL
  diff        what changed between two captures
  convert     write selected packets of recordings into one file
  schema      print views, columns and functions of sql
  recover     make recordings of what killed recorders have left
  check       find out whether recording works here, and what would distort it
  completion  print the completion of a shell
  man         print the manual page
  help        print the help of a command

Flags:
  -h, --help     print this help
  -V, --version  print the versions of all parts

Examples:
  sudo xdp-inspector record
      30 seconds of the default interface
  xdp-inspector stats
      summary of traffic.parquet
  sudo xdp-inspector check
      the interface of the default route

Exit codes:
  0    done, also when a limit or a signal ended the recording
  1    failure at run time: interface, file, disk
  2    the command line cannot be understood
  3    a privilege, kernel feature or library is missing
  130  left at once by a second interrupt; no file was written

"xdp-inspector help <command>" shows the flags of a command.
`;

const NAME_WIDTH = Math.max(...REPORTS.map(({ name }) => name.length));

Deno.test("programHelp() lists commands, flags, examples and exit codes", () => {
  assert.equal(programHelp(COMMANDS, 80), PROGRAM);
});

Deno.test("commandHelp() of record shows every flag with its default", () => {
  // The whole text is the golden file cli/help.record.txt.
  const { flags } = commandOf("record");
  const help = commandHelp(commandOf("record"), 80).replace(/\s+/g, " ");
  for (const { long, defaultText } of Object.values(flags)) {
    assert(help.includes(long), long);
    if (!["off", "none"].includes(defaultText)) {
      assert(help.includes(`[default: ${defaultText}]`), long);
    }
  }
});

Deno.test("commandHelp() of stats lists the reports, each with what it can be asked for", () => {
  // The whole text is the golden file cli/help.stats.txt.
  const help = commandHelp(commandOf("stats"), 80);
  for (const { name, help: text, kind } of REPORTS) {
    assert(help.includes(`\n  ${name.padEnd(NAME_WIDTH)}  ${text.slice(0, 40)}`), name);
    if (kind === "table") assert.match(help, new RegExp(`^ {2}${name} .*--(by|sort|\\w+) `, "m"));
  }
});

Deno.test("commandHelp() of completion shows the shells, and no flags where there are none", () => {
  const help = commandHelp(commandOf("completion"), 80);
  assert.match(help, /^ {2}xdp-inspector completion bash\|zsh\|fish$/m);
  assert.match(help, /^Shells:\n {2}bash {2}source it in ~\/\.bashrc\n/m);
  assert.match(commandHelp(commandOf("man"), 80), /^Usage:\n {2}xdp-inspector man$/m);
});

Deno.test("commandHelp() names every spelling of every flag", () => {
  for (const command of COMMANDS) {
    const words = commandHelp(command, 80).split(/[\s,()]+/);
    for (const name of Object.values(command.flags).flatMap(spellings)) {
      assert(words.includes(name), name);
    }
  }
});

Deno.test("commandHelp() shows examples that the parser takes", () => {
  for (const { line } of COMMANDS.flatMap(({ examples }) => examples)) {
    // What a shell makes of the rest of the line is not ours.
    const bare = line.replace(/^(sudo|source) (<\()?/, "").replace(/( [|>] .*|\))$/, "");
    const words = (bare.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ""));
    assert.equal(words.shift(), "xdp-inspector");
    assert.equal(called(words).command, words[0]);
  }
});

Deno.test("commandHelp() fits its width, except for what is to be copied", () => {
  for (const width of [40, 60, 80, 100]) {
    for (const line of commandHelp(commandOf("record"), width).split("\n")) {
      assert(line.length <= width || /^ {2}(sudo |xdp-)/.test(line), line);
    }
  }
});

Deno.test("commandHelp() keeps between 40 and 100 columns on any terminal", () => {
  assert.equal(commandHelp(commandOf("stats"), 1), commandHelp(commandOf("stats"), 40));
  assert.equal(commandHelp(commandOf("stats"), 500), commandHelp(commandOf("stats"), 100));
  assert.notEqual(commandHelp(commandOf("stats"), 40), commandHelp(commandOf("stats"), 100));
});

Deno.test("EXIT_CODE_TEXTS explains each exit code once", () => {
  assert.deepEqual(EXIT_CODE_TEXTS.map(([code]) => code), Object.values(EXIT));
});
