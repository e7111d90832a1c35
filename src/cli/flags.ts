/**
 * All commands and all their flags. The parser, the help texts and the tables of the README derive
 * from this file.
 *
 * @module
 */
import { parseDuration } from "../core/duration.ts";
import { parseRingSize } from "../core/ring_size.ts";
import { REPORTS } from "../reports/all.ts";
import { choiceFlag, type Flag, listFlag, optionalFlag, switchFlag, valueFlag } from "./flag.ts";
import {
  parseInterfaceNames,
  parsePath,
  parseSampleRate,
  parseWholeNumber,
} from "./flag_values.ts";
import { FORMAT_NAMES } from "./stats_options.ts";

/** Where `record` writes and `stats` reads unless told otherwise. */
const DEFAULT_FILE = "traffic.parquet";

/** The flags of `record`. */
export const RECORD_FLAGS = {
  interfaces: listFlag<string>({
    long: "--interface",
    short: "-i",
    valueName: "<name>",
    defaultText: "interface of the default route",
    defaults: [],
    help:
      "interface to record, by name or number; several with commas, or by repeating the flag; any = all that are up",
    parse: parseInterfaceNames,
  }),
  listInterfaces: switchFlag({
    long: "--list-interfaces",
    short: "-D",
    help: "list the interfaces and what is attached to them, and record nothing",
  }),
  durationMs: valueFlag({
    long: "--duration",
    short: "-d",
    valueName: "<time>",
    defaultValue: "30s",
    help: "how long: 500ms, 0.5s, 30s, 5m, 1h30m; 0 = until interrupted",
    parse: parseDuration,
  }),
  output: valueFlag({
    long: "--output",
    short: "-o",
    aliases: ["-w", "--write"],
    valueName: "<path>",
    defaultValue: DEFAULT_FILE,
    help: "the Parquet file to write; - = Arrow IPC stream on standard output",
    parse: parsePath,
  }),
  count: optionalFlag({
    long: "--count",
    short: "-c",
    valueName: "<n>",
    help: "stop after n captured packets",
    parse: (text) => parseWholeNumber(text, 1, "Leave --count out to record without this limit"),
  }),
  direction: choiceFlag({
    long: "--direction",
    short: "-Q",
    choices: ["in", "out", "inout"],
    defaultValue: "inout",
    help: "packets that come in, go out, or both",
  }),
  mode: choiceFlag({
    long: "--mode",
    choices: ["auto", "native", "generic", "tc"],
    defaultValue: "auto",
    help:
      "where incoming packets are seen: native or generic XDP, or tc; auto = the first that works",
  }),
  sample: valueFlag({
    long: "--sample",
    valueName: "<n>",
    defaultValue: "1",
    help: "keep one packet in n, by chance; stats scales packets and bytes by n",
    parse: parseSampleRate,
  }),
  bufferBytes: valueFlag({
    long: "--buffer",
    valueName: "<size>",
    defaultValue: "64MiB",
    help: "memory for the rings between kernel and recorder; a power of two",
    // The flag is read where no page size is known; larger pages are the loader's to check.
    parse: (text) => parseRingSize(text),
  }),
  noClobber: switchFlag({
    long: "--no-clobber",
    help: "fail if the output exists, instead of replacing it by the complete new file",
  }),
  readyFile: optionalFlag({
    long: "--ready-file",
    valueName: "<path>",
    help: "create this file once every program is attached",
    parse: parsePath,
  }),
  quiet: switchFlag({
    long: "--quiet",
    short: "-q",
    help: "print errors and warnings only",
  }),
  verbose: switchFlag({
    long: "--verbose",
    short: "-v",
    help: "print details, and the causes of errors",
  }),
  json: switchFlag({
    long: "--json",
    help: "print the final report, or the list, as JSON on standard output",
  }),
} as const;

/** The flags of `stats`. */
export const STATS_FLAGS = {
  files: listFlag<string>({
    long: "--file",
    short: "-f",
    aliases: ["-r", "--read"],
    valueName: "<path>",
    defaultText: DEFAULT_FILE,
    defaults: [DEFAULT_FILE],
    help: "file to read; repeat the flag for several, or give a glob or a directory",
    parse: (text) => [parsePath(text)],
  }),
  format: choiceFlag({
    long: "--format",
    choices: FORMAT_NAMES,
    defaultValue: "table",
    help: "how to print the report",
  }),
  limit: optionalFlag({
    long: "--limit",
    short: "-n",
    valueName: "<n>",
    defaultText: "per report",
    help: "rows shown; 0 = all",
    parse: (text) => parseWholeNumber(text, 0, 'Write "0" for all rows'),
  }),
  verbose: switchFlag({
    long: "--verbose",
    short: "-v",
    help: "print the causes of errors",
  }),
} as const;

/** The flags of `check`. */
export const CHECK_FLAGS = {
  interfaces: listFlag<string>({
    long: "--interface",
    short: "-i",
    valueName: "<name>",
    defaultText: "interface of the default route",
    defaults: [],
    help: "interface that is to be recorded, as for record",
    parse: parseInterfaceNames,
  }),
  output: valueFlag({
    long: "--output",
    short: "-o",
    valueName: "<path>",
    defaultValue: DEFAULT_FILE,
    help: "the Parquet file that is to be written",
    parse: parsePath,
  }),
  verbose: switchFlag({
    long: "--verbose",
    short: "-v",
    help: "print the causes of errors",
  }),
  json: switchFlag({
    long: "--json",
    help: "print the findings as JSON",
  }),
} as const;

/** Shells that `completion` knows. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** An example of a command line, and what it does. */
export interface Example {
  readonly line: string;
  readonly help: string;
}

/** What help and documentation say about a command. */
export interface CommandTexts {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** Paragraphs, for the command's own help. */
  readonly description: readonly string[];
  /** The words that may follow the name, the default first, and what they stand for. */
  readonly reports?: Readonly<Record<string, string>>;
  /** The words of which one must follow the name, and what they stand for. */
  readonly shells?: Readonly<Record<string, string>>;
  readonly flags: Readonly<Record<string, Flag<unknown>>>;
  readonly examples: readonly Example[];
}

/** The commands, in the order of the help. */
export const COMMANDS = {
  record: {
    name: "record",
    summary: "record packet headers of interfaces into a Parquet file",
    description: [
      "Records the headers of all packets on an interface, never their payload, into a Parquet " +
      "file with one row per packet.",
      "Needs root, or the capabilities CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN.",
    ],
    flags: RECORD_FLAGS,
    examples: [
      { line: "sudo xdp-inspector record", help: "30 seconds of the default interface" },
      {
        line: "sudo xdp-inspector record -i eth0 -d 5m -o eth0.parquet",
        help: "5 minutes of eth0",
      },
      { line: "sudo xdp-inspector record -i eth0,eth1 -d 0", help: "both, until Ctrl-C" },
      { line: "xdp-inspector record -D", help: "what there is to record" },
    ],
  },
  stats: {
    name: "stats",
    summary: "report on recorded packets",
    description: ["Reports on recorded packets. Needs no privileges."],
    reports: Object.fromEntries(REPORTS.map(({ name, help }) => [name, help])),
    flags: STATS_FLAGS,
    examples: [
      { line: "xdp-inspector stats", help: "summary of traffic.parquet" },
      { line: "xdp-inspector stats top -f eth0.parquet -n 5", help: "the five largest sources" },
      { line: "xdp-inspector stats flows --format csv", help: "flows for other programs" },
    ],
  },
  check: {
    name: "check",
    summary: "find out whether recording works here, and what would distort it",
    description: [
      "Tries out what a recording needs: privileges, kernel, libbpf, DuckDB, the interface and the " +
      "disk. Loads the BPF programs, but attaches them only where nothing else is: in a network " +
      "namespace that is gone afterwards. No interface is changed.",
      "Each line begins with ok, warn or fail. If one begins with fail, the exit code is 3.",
    ],
    flags: CHECK_FLAGS,
    examples: [
      { line: "sudo xdp-inspector check", help: "the interface of the default route" },
      { line: "sudo xdp-inspector check -i eth0 --json", help: "for other programs" },
    ],
  },
  completion: {
    name: "completion",
    summary: "print the completion of a shell",
    description: [
      "Prints a script that makes a shell complete commands, flags, values and interfaces.",
    ],
    shells: {
      bash: "source it in ~/.bashrc",
      zsh: "save it as _xdp-inspector in a directory of $fpath",
      fish: "save it as ~/.config/fish/completions/xdp-inspector.fish",
    } satisfies Record<Shell, string>,
    flags: {},
    examples: [
      { line: "source <(xdp-inspector completion bash)", help: "for this bash" },
    ],
  },
  man: {
    name: "man",
    summary: "print the manual page",
    description: ["Prints the manual page, for man and groff."],
    flags: {},
    examples: [
      { line: "xdp-inspector man | man -l -", help: "read it" },
      {
        line: "xdp-inspector man > /usr/local/share/man/man1/xdp-inspector.1",
        help: "install it, as root",
      },
    ],
  },
} as const satisfies Readonly<Record<string, CommandTexts>>;
