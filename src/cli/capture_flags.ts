/**
 * Flags of the commands that take packets from interfaces.
 *
 * @module
 */
import { choiceFlag, optionalFlag, switchFlag, valueFlag } from "./flag.ts";
import { parsePath, parseSampleRate, parseUserName, parseWholeNumber } from "./flag_values.ts";
import { bufferFlag } from "./shared_flags.ts";

/** `-c`: captured packets after which to stop; null = no such limit. */
export function countFlag() {
  return optionalFlag({
    long: "--count",
    short: "-c",
    valueName: "<n>",
    help: "stop after n captured packets",
    parse: (text) => parseWholeNumber(text, 1, "Leave --count out to record without this limit"),
  });
}

/** How packets come out of the kernel. */
export function hookFlags() {
  return {
    mode: choiceFlag({
      long: "--mode",
      choices: ["auto", "native", "generic", "tc"],
      defaultValue: "auto",
      help:
        "where incoming packets are seen: native or generic XDP, or tc; auto = native XDP where that switches no offload off, else tc",
    }),
    sample: valueFlag({
      long: "--sample",
      valueName: "<n>",
      defaultValue: "1",
      help: "keep one packet in n, by chance; stats scales packets and bytes by n",
      parse: parseSampleRate,
    }),
    bufferBytes: bufferFlag(),
  };
}

/** What may be replaced by the output, and who may read it. */
export function replacingFlags() {
  return {
    noClobber: switchFlag({
      long: "--no-clobber",
      help: "fail if the output exists, instead of replacing it by the complete new file",
    }),
    force: switchFlag({
      long: "--force",
      help: "replace the output even if it is no recording",
    }),
    groupRead: switchFlag({
      long: "--group-read",
      help: "let the group of the output read it; else only its owner may",
    }),
  };
}

/** What other programs wait for, and who the process becomes. */
export function processFlags() {
  return {
    readyFile: optionalFlag({
      long: "--ready-file",
      valueName: "<path>",
      completes: "file",
      help: "create this file once every program is attached",
      parse: parsePath,
    }),
    user: optionalFlag({
      long: "--user",
      short: "-Z",
      valueName: "<user>",
      help: "who to go on as once all is attached; else the caller of sudo, else nobody",
      parse: parseUserName,
    }),
  };
}
