/**
 * What the manual page and REFERENCE.md have in common beside commands, flags and columns. Texts may
 * set words as code between backticks.
 *
 * @module
 */
import { COLUMNS } from "../contract/columns.ts";
import { FILE_METADATA_KEY, FILE_METADATA_MEANING } from "../contract/file_metadata.ts";
import { INTERFACE_EVENTS } from "../contract/interface_event.ts";
import { REPORT_KEYS } from "../contract/report_keys.ts";
import { FILTER_DIFFERENCES, FILTER_WORDS } from "../filter/language.ts";
import { EXIT_CODE_TEXTS } from "./help.ts";

/** A name and what it means. */
export type Term = readonly [name: string, meaning: string];

/** Environment variables that the program reads. */
export const ENVIRONMENT: readonly Term[] = [
  ["XDP_INSPECTOR_LIBBPF", "path of the libbpf to use"],
  [
    "XDP_INSPECTOR_LIBRARY_DIR",
    "where the compiled program unpacks its libraries, instead of memory",
  ],
  ["TMPDIR", "directory for temporary files of the commands that read recordings"],
  ["NO_COLOR", "if set, no colours"],
  [
    "NOTIFY_SOCKET, WATCHDOG_USEC",
    "set by systemd: record says when it has begun, that it goes on, and that it ends (Type=notify)",
  ],
  [
    "LC_ALL, LC_CTYPE, LANG",
    "the first that is set: bars and the screen of live are in ASCII unless it says UTF-8",
  ],
];

/** Signals that `record` answers. */
export const SIGNALS: readonly Term[] = [
  ["SIGINT, SIGTERM", "stops recording, writes the file, reports"],
  ["SIGHUP", "the same; ignored under `nohup`"],
  ["a second SIGINT", "leaves at once, exit code 130, no file"],
  [
    "a second SIGTERM",
    "a second later, with `-o -`: does not wait for the reader, exit code 130; else nothing",
  ],
  ["SIGQUIT", "prints the counters and goes on, as ping does; Ctrl-\\ on a terminal"],
  [
    "SIGUSR2",
    "ends the open file of several and begins the next; of one file, closes the open segment and brings it onto the disk, so that a crash from here on does not cost it; goes on",
  ],
  [
    "SIGKILL",
    "no file, but what `recover` makes one of; the kernel detaches XDP and TCX programs, a clsact filter stays until the next recording",
  ],
];

/** What a row stands for. */
export const WHAT_IS_COUNTED: readonly Term[] = [
  [
    "Ingress, native XDP",
    "before the kernel merges packets (GRO) and before netfilter. What a firewall drops is counted.",
  ],
  [
    "Ingress, TC",
    "after merging, before netfilter. `segments` says how many packets a buffer stands for. What an " +
    "XDP program drops is not counted. On a veth, and on interfaces without native XDP, this is the " +
    "default.",
  ],
  [
    "Ingress, generic XDP",
    "after merging too, but the kernel does not tell how many packets a buffer was: `segments` is 1. " +
    "It is slower, because the kernel may have to copy the packet first.",
  ],
  [
    "Egress",
    "before the network card cuts large buffers (GSO). One row can stand for many packets: `segments` " +
    "has their number, and `packet_length` the length of the buffer, with one set of headers. Reports " +
    "count rows and the bytes of the buffers. Use `sum(segments)` for packets on the wire.",
  ],
  [
    "Not at egress",
    "what a program sends past the queue of the interface does not come to TC: packet sockets with the " +
    "option PACKET_QDISC_BYPASS (traffic generators have it), AF_XDP sockets, XDP programs that " +
    "redirect. tcpdump does not see these at the sender either.",
  ],
  [
    "What stands before IP",
    "up to eight VLAN tags, LLC with SNAP, and PPPoE are passed over to the IP header. `vlan_id` is " +
    "that of the outer tag. `ethertype` is the last one in the frame: behind tags and SNAP that of IP; " +
    "in PPPoE, which has none behind it, that of PPPoE (0x8864), also where the row has IP columns.",
  ],
  [
    "Not IP although it says so",
    "a frame with the EtherType of IP but no IP header that can be read is `ETH-0x0800` or " +
    "`ETH-0x86dd`; `IPv4` and `IPv6` are IP in IP.",
  ],
  [
    "Length 0",
    "above 65,535 bytes (BIG TCP, jumbograms) the length field of IP is 0, and `payload_length` follows " +
    "from the length of the frame or from a jumbogram's own option. In a short frame a length of 0 is " +
    "an error: there are no ports.",
  ],
  [
    "VLAN",
    "TC sees every tag. XDP, native or generic, does not see one that is not in the bytes of the packet: " +
    "`vlan_id` is NULL. A network card removes tags while its `rxvlan` is on (`ethtool -K <interface> " +
    "rxvlan off`). On a veth that changes nothing: there it is the other end that leaves them out of " +
    "the packet, while its `txvlan` is on.",
  ],
  ["Tunnels", "the outer header only."],
  ["Fragments", "the first one has ports, the later ones have none. `is_fragment` marks all."],
  ["Several interfaces", "a packet that crosses two recorded interfaces is two rows."],
];

/** What is read of packet files of other programs. */
export const PACKET_FILES: readonly Term[] = [
  [
    "Formats",
    "pcap of both byte orders, in microseconds or nanoseconds, also the modified form with more about " +
    "each packet; pcapng with several sections and interfaces. Compressed with gzip, zstd or LZ4, or " +
    "not. What a file is in is told by its content, not by its name; `-` is standard input.",
  ],
  [
    "Link types",
    "Ethernet, Linux cooked (both versions), raw IP, BSD loopback. Packets of others are left out and " +
    "named; a file that has no others is refused. Where there is no Ethernet header there are no MAC " +
    "addresses, and an EtherType only where a cooked header has one.",
  ],
  [
    "Length",
    "`packet_length` is that on the wire, also where the snap length has cut the packet: columns whose " +
    "bytes are missing are NULL. Lengths are without the FCS where the file says that it is there.",
  ],
  [
    "Time",
    "in all resolutions and with the offsets of pcapng, to the nanosecond. What is before the year 1678 " +
    "or after 2261 becomes the nearest that fits, and a packet that has no time (a simple packet block) " +
    "1970-01-01; both are said.",
  ],
  [
    "Interface",
    "the name in pcapng, at most 63 bytes, with `_` for letters that reports do not print; NULL " +
    "where there is none. Up to 253 are kept apart.",
  ],
  [
    "Direction",
    "by the flags of a packet in pcapng, else by its cooked header or the modified form of pcap; NULL " +
    "where nothing says it.",
  ],
  [
    "Loss",
    "by the statistics and drop counts in pcapng, if they are there for every interface that has " +
    "packets: the cause is `at_capture`. Else it is unknown.",
  ],
  [
    "How",
    "the parser of the programs in the kernel, compiled for this, makes the same columns. They go into " +
    "a file without a name in `TMPDIR`, which is gone with the process: each command reads the " +
    "packet file again.",
  ],
  [
    "Damage",
    "what comes before it is in the answer; the byte where it is, behind the compression, is said, and " +
    "the exit code is 1. So it is with a file that is written to while it is read.",
  ],
];

/** How flags of commands that read recordings tell which packets are meant. */
export const SELECTION: readonly Term[] = [
  [
    "2026-11-23T14:00:00+01:00",
    "a point in time. A space may stand for the T; seconds, their fraction (to nine digits) and time " +
    "of day can be left out: a date alone is its midnight. A zone is `Z` or a distance from UTC; " +
    "without one the time is UTC.",
  ],
  [
    "14:00, 14:00:30.250",
    "a time of day, on the day on which the first of the recordings began. Where recordings go on past " +
    "midnight, a time before that beginning is on the next day; behind `--from` only if they had " +
    "not ended by then. Where that is not what is meant, write the date.",
  ],
  ["-5m", "that long before the end of the last recording: units are `ms`, `s`, `m`, `h` and `d`."],
  [
    "+10s",
    "that long after the start of the first recording; in `--to`, after `--from` if that is given.",
  ],
  [
    "--from and --to",
    "a packet at the very time of `--from` counts, one at that of `--to` does not.",
  ],
  [
    "--where",
    "one expression in the SQL of DuckDB, true or false for each packet, over the columns and " +
    "`sample_rate`: `destination_port IN (80, 443) AND ttl < 5`. No query of its own, no aggregate, " +
    "no function that gives another answer each time. Where it is NULL, the packet does not count.",
  ],
  [
    "What is left",
    "what several flags say must all hold. Below a table stands how many packets matched, scaled as the " +
    "others; the summary as JSON has `matched_packets` and `recorded_packets`. Loss is known of interfaces, directions and files, not of times or conditions: with " +
    "these it is that of all that was recorded in the files that were running then. Rates are over " +
    "the part of the recorded time that is selected.",
  ],
];

/** The language of `--filter`, and of the words behind `record`. */
export const FILTER_TERMS: readonly Term[] = FILTER_WORDS;

/** In what it differs from that of tcpdump. */
export const FILTER_DIFFERENCE_TERMS: readonly Term[] = FILTER_DIFFERENCES;

/** Keys of the final report that `record --json` prints. */
export const REPORT_KEY_TERMS: readonly Term[] = Object.entries(REPORT_KEYS);

/** Keys of a file's metadata. */
export const METADATA_TERMS: readonly Term[] = Object.entries(FILE_METADATA_MEANING)
  .map(([name, meaning]) => [FILE_METADATA_KEY[name as keyof typeof FILE_METADATA_KEY], meaning]);

/** What can happen to an interface. */
export const INTERFACE_EVENT_TERMS: readonly Term[] = Object.entries(INTERFACE_EVENTS);

/** Columns of a file: name, type, whether they can be NULL, meaning. */
export const COLUMN_TERMS: readonly Term[] = COLUMNS.map((
  { name, type, presence, description },
) => [
  name,
  `${type}${presence === 0 ? "" : ", can be NULL"}: ${description}`,
]);

/** Exit codes. */
export const EXIT_CODE_TERMS: readonly Term[] = EXIT_CODE_TEXTS.map(([code, meaning]) => [
  String(code),
  meaning,
]);
