/**
 * The `record` command: from interfaces to a Parquet file.
 *
 * @module
 */
import { countFlag, hookFlags, processFlags, replacingFlags } from "../cli/capture_flags.ts";
import { defineCommand } from "../cli/command.ts";
import { switchFlag, valueFlag } from "../cli/flag.ts";
import { filterFlags } from "../cli/filter_flags.ts";
import { seriesFlags, seriesOptions, writingFlags } from "../cli/output_flags.ts";
import { recordOptions } from "../cli/record_options.ts";
import {
  directionFlag,
  interfaceFlag,
  jsonFlag,
  outputFlag,
  verboseFlag,
} from "../cli/shared_flags.ts";
import { parseDuration } from "../core/duration.ts";

/** The command. */
export const record = defineCommand({
  name: "record",
  summary: "record packet headers of interfaces into a Parquet file",
  description: [
    "Records the headers of all packets on an interface, never their payload, into a Parquet " +
    "file with one row per packet.",
    "Needs root, or the capabilities CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN.",
  ],
  operands: {
    usage: "[filter...]",
    title: "Filter",
    words: [],
    completes: "none",
  },
  program: "[-- command [args...]]",
  flags: {
    interfaces: interfaceFlag(
      "interface to record, by name or number; several with commas, or by repeating the flag; any = all that are up",
    ),
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
      help:
        "how long: 500ms, 30s or 30, 5m, 1h30m, 1d; 0 = until interrupted, the default where a command is recorded",
      parse: parseDuration,
    }),
    output: outputFlag({
      aliases: ["-w", "--write"],
      help: "the Parquet file to write, or its directory; - = Arrow IPC stream on standard output",
    }),
    count: countFlag(),
    direction: directionFlag(
      "packets that come in, go out, or both; lo: only in",
    ),
    waits: switchFlag({
      long: "--wait",
      help:
        "wait for interfaces that are not there, and attach again to those that come back; the duration counts from the first that is there",
    }),
    ...filterFlags(),
    ...hookFlags(),
    ...replacingFlags(),
    ...writingFlags(),
    ...seriesFlags(),
    ...processFlags(),
    quiet: switchFlag({
      long: "--quiet",
      short: "-q",
      help: "print errors and warnings only",
    }),
    verbose: verboseFlag("print details, and the causes of errors"),
    json: jsonFlag("print the final report, or the list, as JSON on standard output"),
  },
  examples: [
    { line: "sudo xdp-inspector record", help: "30 seconds of the default interface" },
    {
      line: "sudo xdp-inspector record -i eth0 -d 5m -o eth0.parquet",
      help: "5 minutes of eth0",
    },
    { line: "sudo xdp-inspector record -i eth0,eth1 -d 0", help: "both, until Ctrl-C" },
    {
      line: "sudo xdp-inspector record -i eth0 tcp port 443 and net 10.0.0.0/8",
      help: "what a filter selects, in the words of tcpdump",
    },
    {
      line: "sudo xdp-inspector record -i eth0 -- curl -sO https://example.org/",
      help: "while a command runs; its exit code is passed on",
    },
    {
      line: "sudo xdp-inspector record -i eth0 -o /var/lib/traffic/ -G 1h --keep-size 10GiB",
      help: "a file an hour, for weeks",
    },
    {
      line: "sudo xdp-inspector record -i eth0,eth0.7 --wait -o /var/lib/traffic/ -G 1h",
      help: "eth0 at once, the VLAN whenever it is there",
    },
    { line: "xdp-inspector record -D", help: "what there is to record" },
  ],
  isFirstChoice: true,
  rights: "kernel",
  options: ({ flags: { listInterfaces, ...flags }, given, operands, program }, surroundings) => {
    if (listInterfaces) return { list: { json: flags.json } } as const;
    // What is made of several files has no end of its own, as a program has.
    const isOpen = program !== null || seriesOptions(flags) !== null;
    const durationMs = !isOpen || given.has("durationMs") ? flags.durationMs : 0;
    const values = { ...flags, durationMs, program, operands };
    return { record: recordOptions(values, surroundings) } as const;
  },
  async run(task) {
    if (task.list !== undefined) {
      const { runListInterfaces } = await import("./record/list_interfaces.ts");
      return await runListInterfaces(task.list);
    }
    const { runRecord } = await import("./record/run_record.ts");
    return await runRecord(task.record);
  },
});
