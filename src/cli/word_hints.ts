/**
 * What to do with words that a command of flags does not take.
 *
 * @module
 */
import { PROGRAM_NAME } from "../core/version.ts";
import { NO_FILTER } from "./shared_flags.ts";

/** Words that begin, or follow the interface in, an expression of tcpdump: pcap-filter(7). */
const FILTER_WORDS = new Set(
  ("host net port portrange src dst gateway broadcast multicast ether ip ip6 arp rarp tcp udp icmp " +
    "icmp6 sctp vlan mpls less greater proto not and or inbound outbound").split(" "),
);

/** The flag for which the first of `words` was probably meant. */
export function flagForWord(command: string, words: readonly string[]): string {
  const [first = ""] = words;
  const [start = ""] = first.split(/[\s[]/, 1);
  if (FILTER_WORDS.has(start)) return NO_FILTER;
  return first.endsWith(".parquet")
    ? `Name the file with -o: "${PROGRAM_NAME} ${command} -o ${first}"`
    : `Name an interface with -i: "${PROGRAM_NAME} ${command} -i ${first}"`;
}
