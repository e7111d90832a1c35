/**
 * One more command, flag, report or format: all that shows commands must follow from the list.
 */
import assert from "node:assert/strict";
import { EVERYTHING } from "../../../src/query/selection.ts";
import { type Command, defineCommand } from "../../../src/cli/command.ts";
import { completionScript, SHELLS } from "../../../src/cli/completion.ts";
import { valueFlag } from "../../../src/cli/flag.ts";
import { verboseFlag } from "../../../src/cli/shared_flags.ts";
import { commandHelp, programHelp } from "../../../src/cli/help.ts";
import { manPage } from "../../../src/cli/man_page.ts";
import { readCommandLine } from "../../../src/cli/read_command_line.ts";
import { run } from "../../../src/cli/run.ts";
import { COMMANDS, loadersOf } from "../../support/commands.ts";
import { statsCommand } from "../../../src/commands/stats.ts";
import { FLOWS } from "../../../src/reports/flows.ts";
import { documentTables, updateDocuments } from "../../checks/documents.ts";
import { PIPE } from "./parsing.ts";

const EXTRA = defineCommand({
  name: "weigh",
  summary: "weigh what was recorded",
  description: ["Weighs packets, each alone."],
  operands: {
    usage: "gross|net",
    title: "Weights",
    words: [["gross", "with headers"], ["net", "without them"]],
    completes: "directory",
  },
  flags: {
    scale: valueFlag({
      long: "--scale",
      short: "-s",
      aliases: ["--weighing-scale"],
      valueName: "<path>",
      completes: "directory",
      defaultValue: "scales",
      help: "where the scales are",
      parse: (text) => text,
    }),
    verbose: verboseFlag(),
  },
  examples: [{ line: "xdp-inspector weigh net", help: "what it says" }],
  rights: "none",
  options: ({ flags: { scale }, operands }) => ({ scale, weight: operands[0] }),
  run: ({ scale, weight }, { stdout }) => {
    if (weight === undefined) throw new Error("nothing to weigh");
    stdout.writeSync(new TextEncoder().encode(`${weight} on ${scale}`));
    return 7;
  },
});

const WITH_EXTRA: readonly Command[] = [...COMMANDS, EXTRA];

Deno.test("a command in the list is read, called and helped with", async () => {
  let stdout = "";
  let stderr = "";
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const streams = {
    stdout: { writeSync: (bytes: Uint8Array) => (stdout += decode(bytes), bytes.length) },
    stderr: { writeSync: (bytes: Uint8Array) => (stderr += decode(bytes), bytes.length) },
  };
  const program = {
    commands: loadersOf(WITH_EXTRA),
    takeRights: () => Promise.resolve(),
    loadVersions: () => Promise.resolve(() => Promise.resolve(0)),
  };
  const call = (...args: string[]) => run(args, program, PIPE, streams);
  assert.equal(await call("weigh", "net", "--weighing-scale=s"), 7);
  assert.deepEqual([stdout, stderr], ["net on s", ""]);
  stdout = "";
  assert.equal(await call("help", "weigh"), 0);
  assert.equal(stdout, commandHelp(EXTRA, PIPE.width));
  assert.equal(await call("weigh", "--scael", "x"), 2);
  assert.equal(
    stderr,
    'xdp-inspector: Unknown flag "--scael" for "weigh"\n  Did you mean "--scale"?\n',
  );
  stderr = "";
  assert.equal(await call("weihg"), 2);
  assert.match(stderr, /Did you mean "weigh"/);
  stderr = "";
  assert.equal(await call("weigh", "-v"), 1);
  assert.match(stderr, /nothing to weigh\n.*\n +Error: nothing to weigh\n +at /);
});

Deno.test("a command in the list is in help, manual page and completions", () => {
  assert.match(programHelp(WITH_EXTRA, 80), /^ {2}weigh +weigh what was recorded$/m);
  const page = manPage(WITH_EXTRA).replaceAll("\\-", "-");
  for (
    const part of [
      "\n.SS weigh\n",
      "\\fBxdp-inspector weigh gross|net [flags]\\fR",
      "Weighs packets, each alone.",
      "where the scales are (also --weighing-scale) [default: scales]",
      "\\fBxdp-inspector weigh net\\fR",
    ]
  ) {
    assert(page.includes(part), part);
  }
  const expected = {
    bash: [
      "weigh) words='gross net --scale --weighing-scale --verbose --help' also=_xdp_inspector_directories ;;",
      "'weigh --scale' | 'weigh -s' | 'weigh --weighing-scale')",
    ],
    zsh: [
      'weigh\\:"weigh what was recorded"',
      "'*--weighing-scale=[where the scales are]:path:_files -/'",
      "'*:word:_xdp_inspector_weigh_words'",
      "    'gross:with headers'",
    ],
    fish: [
      "-a 'weigh' -d 'weigh what was recorded'",
      "-l scale -s s -l weighing-scale -x -a '(__fish_complete_directories)'",
      "-n '__fish_seen_subcommand_from weigh' -a 'gross' -d 'with headers'",
    ],
  };
  for (const shell of SHELLS) {
    const script = completionScript(shell, WITH_EXTRA);
    for (const part of expected[shell]) assert(script.includes(part), `${shell}: ${part}`);
  }
});

Deno.test("a command with flags has to have a table in the documents", () => {
  const tables = documentTables(WITH_EXTRA);
  const findings = updateDocuments([], tables).findings.map(({ text }) => text);
  assert(findings.includes('no table "flags:weigh"'), findings.join());
  const flags = tables.get("flags:weigh") ?? "";
  assert.match(flags, /^\| `-s, --scale <path>` \(also `--weighing-scale`\) +\| `scales` +\|/m);
  assert.match(tables.get("commands") ?? "", /^\| `weigh` +\| weigh what was recorded +\|$/m);
});

Deno.test("a report and a format in their lists are read, and are in help and completion", () => {
  const [first, extra] = [["first", "the default"], ["extra", "one more"]] as const;
  const reports = [first, extra].map(([name, help]) => ({ ...FLOWS, name, help }));
  const stats = statsCommand(reports, [
    { name: "table" },
    { name: "tape", endings: [".tape"] },
  ]);
  const help = commandHelp(stats, 80);
  assert.match(help, /stats \[report\] \[files\.\.\.\] \[flags\]\n\nReports:/);
  assert.match(help, /^ {2}first {2}the default$/m);
  assert.match(help, /^ {2}extra {2}one more$/m);
  assert.match(help, /--format <table\|tape>/);
  const commands: readonly Command[] = [stats];
  const request = readCommandLine(["stats", "extra", "--format", "tape"], commands, PIPE);
  assert(request.kind === "run");
  assert.deepEqual(request.options, {
    report: "extra",
    files: ["traffic.parquet"],
    selection: EVERYTHING,
    limit: null,
    format: "tape",
  });
  const byEnding = readCommandLine(["stats", "-o", "x.tape"], commands, PIPE);
  assert(byEnding.kind === "run");
  assert.equal((byEnding.options as { format: string }).format, "tape");
  assert.match(completionScript("bash", commands), /compgen -W 'table tape'/);
  assert.match(manPage(commands), /\n\.TP\n\\fBextra\\fR\none more\n/);
});

Deno.test("every file beside the list is a command of that name, and in the list", async () => {
  const directory = new URL("../../../src/commands/", import.meta.url);
  const names = [...Deno.readDirSync(directory)].filter(({ isFile }) => isFile)
    .map(({ name }) => name.replace(/\.ts$/, "")).filter((name) => name !== "all");
  assert.deepEqual(names.sort(), COMMANDS.map(({ name }) => name).sort());
  for (const command of COMMANDS) {
    const file: Record<string, unknown> = await import(
      new URL(`${command.name}.ts`, directory).href
    );
    assert.equal(file[command.name], command);
  }
});
