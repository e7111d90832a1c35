/**
 * TCP connections: who opened them, how that went, and how they ended.
 *
 * @module
 */
import { parseLength } from "../core/duration.ts";
import { InvalidValue } from "../core/invalid_value.ts";
import { formatAmount } from "../core/quantity.ts";
import { HEARING } from "./hearing.ts";
import type {
  Choices,
  CutOff,
  Gaps,
  ReportFlag,
  TableCell,
  TableLayout,
  TableReport,
} from "./report.ts";
import { SPAN_CELLS, SPAN_COLUMNS } from "./report_parts.ts";
import { CONNECTIONS_SQL } from "./tcp_connections.ts";
import { TCP_SIDES } from "./tcp_flows.ts";

const STATES = ["open", "closed", "reset", "refused", "unanswered", "midstream"] as const;
/** `10.0.0.2:51000`: below that, the ends of a connection cannot be told apart. */
const MIN_ENDPOINT = 14;

/** What `failed` stands for. */
const FAILED: readonly string[] = ["refused", "unanswered"];

const STATE: ReportFlag = {
  long: "--state",
  valueName: "<state>",
  choices: [...STATES, "failed"],
  defaultText: "all",
  help: "only connections in this state, several with commas; failed = refused and unanswered",
  parse(text): readonly string[] {
    return text.split(",").flatMap((word) => {
      if (word === "failed") return FAILED;
      if (STATES.some((state) => state === word)) return [word];
      throw new InvalidValue(
        `there is no state "${word}"`,
        `Choose from ${STATES.join(", ")} and failed`,
      );
    });
  },
};

const SLOW: ReportFlag = {
  long: "--slow",
  valueName: "<time>",
  defaultText: "0",
  help: "only connections whose handshake took at least this long",
  parse: parseLength,
};

/** The states that were asked for; null = all. */
function statesOf({ flags }: Choices): readonly string[] | null {
  return flags.get(STATE.long) as readonly string[] | undefined ?? null;
}

/** Whether one client's failed connections to one server are one row. */
function isGrouped(choices: Choices): boolean {
  return statesOf(choices)?.every((state) => FAILED.includes(state)) ?? false;
}

/** What is counted of each connection, and added up where several are one row. */
const SUMS = [
  "syn_count",
  "packets_from_client",
  "bytes_from_client",
  "packets_from_server",
  "bytes_from_server",
] as const;

function sql(choices: Choices): string {
  const states = statesOf(choices);
  const slowMs = choices.flags.get(SLOW.long) as number | undefined;
  const conditions = [
    ...(states === null ? [] : [`state IN (${states.map((state) => `'${state}'`).join(", ")})`]),
    ...(slowMs === undefined ? [] : [`handshake_seconds >= ${slowMs / 1000}`]),
  ];
  const where = conditions.length === 0 ? "" : `\n    WHERE ${conditions.join(" AND ")}`;
  const common = `
    WITH ${TCP_SIDES},
    ${CONNECTIONS_SQL}`;
  if (!isGrouped(choices)) {
    return `${common}
    SELECT interface, client_ip, client_port, server_ip, server_port, state,
      1::BIGINT AS connection_count,
      1::BIGINT AS server_port_count,
      handshake_seconds,
      ${SUMS.join(",\n      ")},
      packets_from_client + packets_from_server AS packet_count,
      bytes_from_client + bytes_from_server AS total_bytes,
      first_packet,
      last_packet,
      (last_packet::HUGEINT - first_packet::HUGEINT) / 1e9 AS duration_seconds,
      hearing
    FROM connections${where}`;
  }
  return `${common}
    SELECT interface, client_ip,
      CASE WHEN min(client_port) = max(client_port) THEN min(client_port) END AS client_port,
      server_ip,
      CASE WHEN min(server_port) = max(server_port) THEN min(server_port) END AS server_port,
      state,
      count(*) AS connection_count,
      count(DISTINCT server_port) AS server_port_count,
      max(handshake_seconds) AS handshake_seconds,
      ${SUMS.map((name) => `sum(${name})::HUGEINT AS ${name}`).join(",\n      ")},
      sum(packets_from_client + packets_from_server)::HUGEINT AS packet_count,
      sum(bytes_from_client + bytes_from_server)::HUGEINT AS total_bytes,
      min(first_packet) AS first_packet,
      max(last_packet) AS last_packet,
      (max(last_packet)::HUGEINT - min(first_packet)::HUGEINT) / 1e9 AS duration_seconds,
      min(hearing) AS hearing
    FROM connections${where}
    GROUP BY interface, client_ip, server_ip, state`;
}

function note(_: unknown, { isSampled, isLossy }: Gaps): string | null {
  if (isSampled) {
    return "not every packet was kept: connections are those seen, not scaled up; states and handshake times " +
      "are not certain";
  }
  return isLossy
    ? "packets were lost in recording: a connection of theirs can seem unanswered, open or midstream"
    : null;
}

/**
 * Of what was not answered there is one side. But where an answer would not have been seen, as in one recorded
 * direction that is not that of a mirrored port, or may have been left out by a condition, it is not certain.
 */
function oneSided(heardFrom: number): string {
  return `one.packets_from_client = 0 OR one.packets_from_server = 0 AND (
      one.state <> 'unanswered' OR one.hearing < ${heardFrom}
    )`;
}

const ONE_SIDED = {
  where: oneSided(HEARING.bothDirections),
  whereFiltered: oneSided(HEARING.bothSides),
};

const CUT_OFF: CutOff = {
  where: "one.state = 'unanswered'",
  last: "last_packet",
  note: (rows) =>
    `of ${formatAmount(rows, "row")} that ${
      rows === 1n ? "is" : "are"
    } unanswered the last packet came ` +
    "in the last second before the end: the answer can have come after it",
};

const ENDS: readonly TableCell[] = [
  { heading: "Client", column: "client_ip", port: "client_port", min: MIN_ENDPOINT },
  { heading: "Server", column: "server_ip", port: "server_port", min: MIN_ENDPOINT },
  { heading: "State", column: "state", min: 8 },
];

const REST: readonly TableCell[] = [
  ...SPAN_CELLS,
  { heading: "Interface", column: "interface", leaveOut: "first" },
];

const LAYOUT: TableLayout = {
  columns: [
    { name: "interface", kind: "text" },
    { name: "client_ip", kind: "address" },
    { name: "client_port", kind: "port" },
    { name: "server_ip", kind: "address" },
    { name: "server_port", kind: "port" },
    { name: "state", kind: "text" },
    { name: "connection_count", kind: "count" },
    { name: "server_port_count", kind: "count" },
    { name: "syn_count", kind: "count" },
    { name: "handshake_seconds", kind: "seconds" },
    { name: "packets_from_client", kind: "count" },
    { name: "bytes_from_client", kind: "bytes" },
    { name: "packets_from_server", kind: "count" },
    { name: "bytes_from_server", kind: "bytes" },
    { name: "packet_count", kind: "count" },
    { name: "total_bytes", kind: "bytes" },
    ...SPAN_COLUMNS,
  ],
  keys: [
    "interface",
    "client_ip",
    "server_ip",
    "client_port",
    "server_port",
    "first_packet",
    "state",
  ],
  sorts: ["connection_count", "total_bytes", "packet_count"],
  cells: [
    ...ENDS,
    { heading: "SYNs", column: "syn_count", leaveOut: "first" },
    { heading: "Handshake", column: "handshake_seconds", leaveOut: "last" },
    { heading: "From client", column: "bytes_from_client", leaveOut: "last" },
    { heading: "From server", column: "bytes_from_server", leaveOut: "last" },
    { heading: "Packets", column: "packet_count", leaveOut: "first" },
    ...REST,
  ],
  note,
  cutOff: CUT_OFF,
  oneSided: {
    ...ONE_SIDED,
    note: (rows) =>
      `of ${
        formatAmount(rows, "connection")
      } the packets of one side only were seen: state, client and ` +
      "handshake time are not certain, and what seems unanswered can have been answered",
  },
};

/** What is of use of connections that were never made. */
const GROUPED_CELLS: readonly TableCell[] = [
  ...ENDS,
  { heading: "Connections", column: "connection_count" },
  { heading: "Ports", column: "server_port_count", leaveOut: "last" },
  { heading: "SYNs", column: "syn_count", leaveOut: "first" },
  ...REST,
];

/** A row is of several connections; all had a SYN, which tells the client. */
const GROUPED: TableLayout = {
  ...LAYOUT,
  cells: GROUPED_CELLS,
  oneSided: {
    ...ONE_SIDED,
    note: (rows) =>
      `of ${formatAmount(rows, "row")} the packets of one side only were seen: what seems ` +
      "unanswered can have been answered",
  },
};

const SLOW_FIRST = ["handshake_seconds", "total_bytes"];

export const CONNECTIONS: TableReport = {
  ...LAYOUT,
  kind: "table",
  name: "connections",
  help: "TCP connections: state, handshake time, packets and bytes each way",
  definitions: [
    "A connection is what two endpoints sent each other by TCP at one interface, from a SYN on. A " +
    "SYN (without ACK) with another sequence number than the last one of its sender begins the next " +
    "connection of the same endpoints, as in Wireshark. The client is the sender of the first SYN; " +
    "where none was recorded, the side with the higher port.",
    "States: `refused`: the SYN was answered with RST. `unanswered`: the handshake was not " +
    "completed: no answer to the SYN, or none to the SYN with ACK. `reset`: RST before both " +
    "sides had sent FIN. `closed`: FIN from both sides, or from the only one that was recorded. " +
    "`open`: none of these until the recording ended. `midstream`: no SYN was recorded.",
    "The handshake time is that from the first SYN to the first ACK of the client, so one that had to " +
    "repeat its SYN is slow; where no packet of the client but the SYN was recorded, to the SYN with " +
    "ACK. Wireshark's `tcp.analysis.initial_rtt` begins with the last SYN.",
    "Where `--state` asks for failed connections only, those of one client to one server are one row: " +
    "`connection_count` and `server_port_count` say of how many, and a port is shown if it is the " +
    "same for all. `--slow` sorts by handshake time.",
    "A packet counts once at one interface: where the packets of a sender are seen both going out and " +
    "coming in, as on loopback, the direction with more of them counts. Packets that were lost, left " +
    "out by sampling, or took another way can make a connection seem unanswered, open or midstream.",
  ],
  defaultLimit: 20,
  countsOnce: true,
  flags: [STATE, SLOW],
  sql,
  layout: (choices) => {
    if (isGrouped(choices)) return GROUPED;
    return choices.flags.has(SLOW.long) ? { ...LAYOUT, sorts: SLOW_FIRST } : LAYOUT;
  },
};
