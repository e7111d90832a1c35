/**
 * The `live` command: interfaces on the screen, as it happens.
 *
 * @module
 */
import { countFlag, hookFlags, processFlags, replacingFlags } from "../cli/capture_flags.ts";
import { defineCommand } from "../cli/command.ts";
import { filterFlags } from "../cli/filter_flags.ts";
import { optionalFlag, switchFlag, valueFlag } from "../cli/flag.ts";
import { parsePath, parseWholeNumber } from "../cli/flag_values.ts";
import { NO_SERIES, writingFlags } from "../cli/output_flags.ts";
import { recordOptions } from "../cli/record_options.ts";
import { directionFlag, interfaceFlag, jsonFlag, verboseFlag } from "../cli/shared_flags.ts";
import { parseDuration } from "../core/duration.ts";
import { UsageError } from "../core/errors.ts";
import { InvalidValue } from "../core/invalid_value.ts";

const { flushMs, minFreeBytes } = writingFlags();

/** Longest interval, milliseconds: seconds wait in memory. */
const MAX_EVERY_MS = 3_600_000;

/** The command. */
export const live = defineCommand({
  name: "live",
  summary: "show the packets of interfaces as they pass, on the whole screen",
  description: [
    "Shows the rates of interfaces, conversations, hosts, ports and protocols over the last 2, 10 and " +
    "40 seconds, from the same capture as record. Writes nothing, unless --output names a file. Press " +
    '"?" for the keys.',
    "Where standard output is no terminal, and with --json, prints one JSON object for each interval " +
    "instead.",
    "A conversation is what a client and a server port sent to each other. The client is who sent a " +
    "SYN; where none was seen, the side with the higher port. A segment counts as sent again if it " +
    "ends at or before the farthest byte of its direction and comes 3 ms or more after that; a " +
    "connection counts as refused if a reset with the sequence number 0 answers. Of more than 65,536 " +
    "flows at a time the rest is counted as others. If the process is killed by SIGKILL, a shell that waits for " +
    "that gives the terminal back; without /bin/sh, write reset.",
    "Needs root, or the capabilities CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN.",
  ],
  operands: {
    usage: "[filter...]",
    title: "Filter",
    words: [],
    completes: "none",
  },
  flags: {
    interfaces: interfaceFlag(
      "interface to show, by name or number; several with commas, or by repeating the flag; any = all that are up",
    ),
    everyMs: valueFlag({
      long: "--every",
      valueName: "<time>",
      defaultValue: "1s",
      help: "how often the screen is drawn, or an object printed: whole seconds",
      parse: parseInterval,
    }),
    durationMs: valueFlag({
      long: "--duration",
      short: "-d",
      valueName: "<time>",
      defaultValue: "0",
      help: "how long: 30s, 5m, 1h30m; 0 = until q or Ctrl-C",
      parse: parseDuration,
    }),
    output: optionalFlag({
      long: "--output",
      short: "-o",
      aliases: ["-w", "--write"],
      valueName: "<path>",
      completes: "file",
      help: "record at the same time: the Parquet file to write, or its directory",
      parse: parsePath,
    }),
    count: countFlag(),
    direction: directionFlag("packets that come in, go out, or both; lo: only in"),
    ...filterFlags(),
    ...hookFlags(),
    ...replacingFlags(),
    flushMs,
    minFreeBytes,
    ...processFlags(),
    limit: valueFlag({
      long: "--limit",
      short: "-n",
      valueName: "<n>",
      defaultValue: "10",
      help: "rows of each kind in an object; 0 = all",
      parse: (text) => parseWholeNumber(text, 0, 'Write "0" for all rows'),
    }),
    quiet: switchFlag({
      long: "--quiet",
      short: "-q",
      help: "print errors and warnings only, and no report at the end",
    }),
    verbose: verboseFlag("print details, and the causes of errors"),
    json: jsonFlag("print one JSON object for each interval, on a terminal too"),
  },
  examples: [
    { line: "sudo xdp-inspector live", help: "the default interface, until q" },
    {
      line: "sudo xdp-inspector live -i eth0,eth1 tcp port 443",
      help: "what a filter selects on two interfaces",
    },
    {
      line: "sudo xdp-inspector live -i eth0 -o eth0.parquet",
      help: "and record it at the same time",
    },
    {
      line: "sudo xdp-inspector live -i eth0 --json --every 10s -d 1m > rates.ndjson",
      help: "six objects, of 10 seconds each",
    },
  ],
  rights: "kernel",
  options: ({ flags, operands }, surroundings) => {
    const { everyMs, limit, json, output, ...values } = flags;
    if (output === "-") {
      throw new UsageError('Cannot use "-" for --output: standard output shows the view', {
        hint: 'Name a file, or use "record -o -" for a stream',
      });
    }
    const record = recordOptions(
      {
        ...values,
        operands,
        // Without a file, standard output is all that there is: it is the view's.
        output: output ?? "-",
        onError: "stop",
        ...NO_SERIES,
        waits: false,
        program: null,
        json: false,
      },
      { stdoutIsTerminal: false },
      "live",
    );
    const isScreen = surroundings.stdoutIsTerminal && !json;
    return { record, everyMs, limit, isScreen, file: output };
  },
  async run(task) {
    const { runLive } = await import("./live/run_live.ts");
    return await runLive(task);
  },
});

/** Tables are of whole seconds, so intervals are. */
function parseInterval(text: string): number {
  const everyMs = parseDuration(text);
  const hint = 'Write whole seconds, from "1s" to "1h"';
  if (everyMs === 0 || everyMs % 1000 !== 0) {
    throw new InvalidValue("it is not a number of whole seconds", hint);
  }
  if (everyMs > MAX_EVERY_MS) throw new InvalidValue("it is longer than 1h", hint);
  return everyMs;
}
