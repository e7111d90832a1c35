/**
 * What tshark says of the TCP connections in a pcap file: the oracle of the reports on TCP.
 *
 * @module
 */
import { check } from "./child_process.ts";

/** Packets with each mark of tshark, of one sender to one receiver. */
export interface Marks {
  readonly packets: number;
  readonly bytes: number;
  readonly retransmission: number;
  readonly fast_retransmission: number;
  readonly spurious_retransmission: number;
  readonly out_of_order: number;
  readonly duplicate_ack: number;
  readonly keep_alive: number;
  readonly zero_window: number;
  readonly resets: number;
}

/** What a row of the report `tcp` has of them. */
export function marksOfRow(row: Readonly<Record<string, unknown>>): Marks {
  const count = (name: string) => Number(row[name]);
  return {
    packets: count("packet_count"),
    bytes: count("total_bytes"),
    retransmission: count("retransmitted_count"),
    fast_retransmission: count("fast_count"),
    spurious_retransmission: count("spurious_count"),
    out_of_order: count("reordered_count"),
    duplicate_ack: count("duplicate_ack_count"),
    keep_alive: count("keep_alive_count"),
    zero_window: count("zero_window_count"),
    resets: count("reset_count"),
  };
}

/** One of tshark's streams. */
export interface Stream {
  readonly client: string;
  readonly server: string;
  readonly packets: number;
  /** From the last SYN to the first ACK, in seconds; null where tshark does not know. */
  readonly initialRtt: number | null;
}

const ANALYSIS = [
  "retransmission",
  "fast_retransmission",
  "spurious_retransmission",
  "out_of_order",
  "duplicate_ack",
  "keep_alive",
  "zero_window",
] as const;

const FIELDS = [
  "ip.src",
  "ipv6.src",
  "tcp.srcport",
  "ip.dst",
  "ipv6.dst",
  "tcp.dstport",
  "frame.len",
  "tcp.flags.reset",
  "tcp.stream",
  "tcp.analysis.initial_rtt",
  ...ANALYSIS.map((name) => `tcp.analysis.${name}`),
];

/** By `10.0.0.1:80 > 10.0.0.2:51000`, and by stream. */
export async function tcpOf(
  path: string,
): Promise<{ marks: Map<string, Marks>; streams: Map<string, Stream> }> {
  const fields = FIELDS.flatMap((name) => ["-e", name]);
  const format = ["-T", "fields", "-E", "occurrence=f"];
  const text = await check(["tshark", "-n", "-r", path, "-Y", "tcp", ...format, ...fields], {
    limitMs: 60_000,
  });
  const marks = new Map<string, Marks>();
  const streams = new Map<string, Stream>();
  for (const line of text.split("\n").filter(Boolean)) {
    const values = new Map(line.split("\t").map((value, index) => [FIELDS[index]!, value]));
    const value = (name: string) => values.get(name) ?? "";
    const source = `${value("ip.src") || value("ipv6.src")}:${value("tcp.srcport")}`;
    const destination = `${value("ip.dst") || value("ipv6.dst")}:${value("tcp.dstport")}`;
    const known = marks.get(`${source} > ${destination}`);
    const count = (name: keyof Marks, isSo: boolean) => (known?.[name] ?? 0) + Number(isSo);
    marks.set(`${source} > ${destination}`, {
      packets: count("packets", true),
      bytes: (known?.bytes ?? 0) + Number(value("frame.len")),
      ...Object.fromEntries(
        ANALYSIS.map((name) => [name, count(name, value(`tcp.analysis.${name}`) !== "")]),
      ) as Record<typeof ANALYSIS[number], number>,
      resets: count("resets", /^(1|True)$/.test(value("tcp.flags.reset"))),
    });
    const stream = streams.get(value("tcp.stream"));
    const rtt = value("tcp.analysis.initial_rtt");
    streams.set(value("tcp.stream"), {
      client: stream?.client ?? source,
      server: stream?.server ?? destination,
      packets: (stream?.packets ?? 0) + 1,
      initialRtt: stream?.initialRtt ?? (rtt === "" ? null : Number(rtt)),
    });
  }
  return { marks, streams };
}
