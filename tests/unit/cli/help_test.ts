import assert from "node:assert/strict";
import { EXIT } from "../../../src/core/errors.ts";
import { spellings } from "../../../src/cli/flag.ts";
import { commandHelp, EXIT_CODE_TEXTS, programHelp } from "../../../src/cli/help.ts";
import { COMMANDS } from "../../../src/commands/all.ts";
import { called, commandOf } from "./parsing.ts";
import { FORMATS } from "../../../src/render/formats.ts";
import { REPORTS } from "../../../src/reports/all.ts";

const PROGRAM = `\
Records network traffic with eBPF into Parquet files, and reports on them.

Usage:
  xdp-inspector <command> [flags]

Commands:
  record      record packet headers of interfaces into a Parquet file
  stats       report on recorded packets
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

const RECORD = `\
Records the headers of all packets on an interface, never their payload, into a
Parquet file with one row per packet.

Needs root, or the capabilities CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN.

Usage:
  xdp-inspector record [flags]

Flags:
  -i, --interface <name>    interface to record, by name or number; several with
                            commas, or by repeating the flag; any = all that are
                            up [default: interface of the default route]
  -D, --list-interfaces     list the interfaces and what is attached to them,
                            and record nothing
  -d, --duration <time>     how long: 500ms, 30s or 30, 5m, 1h30m, 1d; 0 = until
                            interrupted [default: 30s]
  -o, --output <path>       the Parquet file to write, or its directory; - =
                            Arrow IPC stream on standard output (also -w,
                            --write) [default: traffic.parquet]
  -c, --count <n>           stop after n captured packets
  -Q, --direction <in|out|inout>
                            packets that come in, go out, or both; lo: only in
                            [default: inout]
      --mode <auto|native|generic|tc>
                            where incoming packets are seen: native or generic
                            XDP, or tc; auto = native XDP where that switches no
                            offload off, else tc [default: auto]
      --sample <n>          keep one packet in n, by chance; stats scales
                            packets and bytes by n [default: 1]
      --buffer <size>       memory for the rings between kernel and recorder; a
                            power of two [default: 64MiB]
      --no-clobber          fail if the output exists, instead of replacing it
                            by the complete new file
      --force               replace the output even if it is no recording
      --group-read          let the group of the output read it; else only its
                            owner may
      --ready-file <path>   create this file once every program is attached
  -Z, --user <user>         who to go on as once all is attached; else the
                            caller of sudo, else nobody
  -q, --quiet               print errors and warnings only
  -v, --verbose             print details, and the causes of errors
      --json                print the final report, or the list, as JSON on
                            standard output
  -h, --help                print this help

Examples:
  sudo xdp-inspector record
      30 seconds of the default interface
  sudo xdp-inspector record -i eth0 -d 5m -o eth0.parquet
      5 minutes of eth0
  sudo xdp-inspector record -i eth0,eth1 -d 0
      both, until Ctrl-C
  xdp-inspector record -D
      what there is to record

Exit codes:
  0    done, also when a limit or a signal ended the recording
  1    failure at run time: interface, file, disk
  2    the command line cannot be understood
  3    a privilege, kernel feature or library is missing
  130  left at once by a second interrupt; no file was written
`;

const NAME_WIDTH = Math.max(...REPORTS.map(({ name }) => name.length));
const REPORT_LINES = REPORTS.map(({ name, help }) => `  ${name.padEnd(NAME_WIDTH)}  ${help}`)
  .join("\n");

const STATS = `\
Reports on recorded packets. Needs no privileges.

Usage:
  xdp-inspector stats [${REPORTS.map(({ name }) => name).join("|")}] [files...] [flags]

Reports:
${REPORT_LINES}

Flags:
  -f, --file <path>         file to read; repeat the flag for several, or give a
                            glob or a directory (also -r, --read) [default:
                            traffic.parquet]
      --from <time>         packets from this time on: ISO-8601, HH:MM[:SS] on
                            the day of the recording, -5m before its end, +10s
                            after its start; UTC unless a zone is given
                            [default: start]
      --to <time>           packets before this time, written likewise; +10s
                            counts from --from [default: end]
  -i, --interface <name>    packets of this interface; repeat the flag for
                            several, or use commas [default: all]
  -Q, --direction <in|out|inout>
                            packets of this direction, as the interface sees it
                            [default: inout]
      --where <SQL>         packets for which this is true: a condition in SQL
                            over the columns
      --format <${FORMATS.map(({ name }) => name).join("|")}>
                            how to print the report [default: table]
      --json                the same as --format json
  -n, --limit <n>           rows shown; 0 = all [default: per report]
      --timeout <time>      longest time for the report; 0 = no limit [default:
                            none on a terminal, else 10m]
  -v, --verbose             print the causes of errors
  -h, --help                print this help

Examples:
  xdp-inspector stats
      summary of traffic.parquet
  xdp-inspector stats top eth0.parquet -n 5
      the five largest sources
  xdp-inspector stats flows --from 14:00 --to +5m
      five minutes of the day of the recording
  xdp-inspector stats flows --format csv
      flows for other programs

Exit codes:
  0    done, also when a limit or a signal ended the recording
  1    failure at run time: interface, file, disk
  2    the command line cannot be understood
  3    a privilege, kernel feature or library is missing
  130  left at once by a second interrupt; no file was written
`;

Deno.test("programHelp() lists commands, flags, examples and exit codes", () => {
  assert.equal(programHelp(COMMANDS, 80), PROGRAM);
});

Deno.test("commandHelp() of record shows every flag with its default", () => {
  assert.equal(commandHelp(commandOf("record"), 80), RECORD);
});

Deno.test("commandHelp() of stats shows reports and every flag with its default", () => {
  assert.equal(commandHelp(commandOf("stats"), 80), STATS);
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
    const words = line.replace(/^(sudo|source) (<\()?/, "").replace(/( [|>] .*|\))$/, "").split(
      " ",
    );
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
