/**
 * Flags that several commands have, and what they have in common.
 *
 * @module
 */
import { DEFAULT_FILE } from "../contract/default_file.ts";
import { parseDuration } from "../core/duration.ts";
import { parseRingSize } from "../core/ring_size.ts";
import { choiceFlag, type Flag, listFlag, optionalFlag, switchFlag, valueFlag } from "./flag.ts";
import { parseInterfaceNames, parsePath, parseWholeNumber } from "./flag_values.ts";

/** `-i`: names of interfaces; none = the interface of the default route. */
export function interfaceFlag(help: string): Flag<string[]> {
  return listFlag<string>({
    long: "--interface",
    short: "-i",
    valueName: "<name>",
    completes: "interface",
    defaultText: "interface of the default route",
    defaults: [],
    help,
    parse: parseInterfaceNames,
  });
}

/** `-o`: path of a file to write. */
export function outputFlag(
  texts: { readonly help: string; readonly aliases?: readonly string[] },
): Flag<string> {
  return valueFlag({
    ...texts,
    long: "--output",
    short: "-o",
    valueName: "<path>",
    completes: "file",
    defaultValue: DEFAULT_FILE,
    parse: parsePath,
  });
}

/** `-f`: files, globs and directories to read. */
export function filesFlag(): Flag<string[]> {
  return listFlag<string>({
    long: "--file",
    short: "-f",
    aliases: ["-r", "--read"],
    valueName: "<path>",
    completes: "file",
    defaultText: DEFAULT_FILE,
    defaults: [DEFAULT_FILE],
    help:
      "recording or packet file (pcap, pcapng) to read; repeat the flag for several, or give a glob " +
      "or a directory",
    parse: (text) => [parsePath(text)],
  });
}

/** `-Q`: packets of which direction; null = not given. */
export function directionFlag(help: string): Flag<"in" | "out" | "inout" | null> {
  const flag = choiceFlag({
    long: "--direction",
    short: "-Q",
    choices: ["in", "out", "inout"],
    synonyms: { ingress: "in", egress: "out", both: "inout" },
    defaultValue: "inout",
    help,
  });
  return { ...flag, read: (given) => given.length === 0 ? null : flag.read(given) };
}

/** `--buffer`: memory of the rings in bytes. */
export function bufferFlag(): Flag<number> {
  return valueFlag({
    long: "--buffer",
    valueName: "<size>",
    defaultValue: "64MiB",
    help: "memory for the rings between kernel and recorder; a power of two",
    // The flag is read where no page size is known; larger pages are the loader's to check.
    parse: (text) => parseRingSize(text),
  });
}

/** `--format`: how rows are printed; the first of `formats` is the default. */
export function formatFlag<const Format extends string>(formats: readonly Format[]): Flag<Format> {
  return choiceFlag<Format>({
    long: "--format",
    choices: formats,
    defaultValue: formats[0]!,
    help: "how to print the report",
  });
}

/** `-o`: a file instead of standard output; null = not given. */
export function answerOutputFlag(): Flag<string | null> {
  return optionalFlag({
    long: "--output",
    short: "-o",
    valueName: "<path>",
    completes: "file",
    defaultText: "standard output",
    help: "file to write; its ending says in which format",
    parse: parsePath,
  });
}

/** `--force`, for {@linkcode answerOutputFlag}. */
export function forceFlag(): Flag<boolean> {
  return switchFlag({ long: "--force", help: "let --output replace a file that exists" });
}

/** `-n`: how many rows; 0 = all, null = the default of what is printed. */
export function limitFlag(): Flag<number | null> {
  return optionalFlag({
    long: "--limit",
    short: "-n",
    valueName: "<n>",
    defaultText: "per report",
    help: "rows shown; 0 = all",
    parse: (text) => parseWholeNumber(text, 0, 'Write "0" for all rows'),
  });
}

/** `--explain`. */
export function explainFlag(): Flag<boolean> {
  return switchFlag({
    long: "--explain",
    help: "print the SQL of the report, over the views of sql, and run nothing",
  });
}

/** `--timeout`: milliseconds; 0 = no limit, null = the default. */
export function timeoutFlag(): Flag<number | null> {
  return optionalFlag({
    long: "--timeout",
    valueName: "<time>",
    defaultText: "none on a terminal, else 10m",
    help: "longest time for the report; 0 = no limit",
    parse: parseDuration,
  });
}

/** `-v`: the causes of errors are shown if the command has this flag under the name `verbose`. */
export function verboseFlag(help = "print the causes of errors"): Flag<boolean> {
  return switchFlag({ long: "--verbose", short: "-v", help });
}

/** `--json`. */
export function jsonFlag(help: string): Flag<boolean> {
  return switchFlag({ long: "--json", help });
}
