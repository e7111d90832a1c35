/**
 * Packets and bytes by source address, or by what else is asked for.
 *
 * @module
 */
import { printedMac } from "../contract/printed_text.ts";
import { networkOf, parsePrefixes, prefixesOf } from "./network.ts";
import type { Choices, ReportColumn, TableCell, TableLayout, TableReport } from "./report.ts";
import {
  BYTE_CELL,
  BYTE_COLUMN,
  DIRECTION,
  DSCP,
  dscpName,
  INTERFACE,
  PACKET_CELL,
  PACKET_COLUMN,
  PROTOCOL,
  SUMS_SQL,
  VLAN,
} from "./report_parts.ts";
import { withoutIpNote } from "./without_ip.ts";

/** What is asked for one key. */
interface Key {
  readonly columns: readonly ReportColumn[];
  readonly cells: readonly TableCell[];
  /** Query with all columns. */
  readonly sql: (argument: readonly number[]) => string;
  /** Whether packets without an IP header are missing. */
  readonly isIpOnly?: boolean;
}

const WITH_IP = ["source_ip IS NOT NULL"];
const AVERAGE = ["round(total_bytes / packet_count, 2) AS avg_packet_size"];

const SOURCE: Key = {
  columns: [{ name: "direction", kind: "text" }, { name: "source_ip", kind: "address" }],
  cells: [{ heading: "Dir", column: "direction" }, { heading: "Source", column: "source_ip" }],
  sql: () => grouped("direction, source_ip", WITH_IP, AVERAGE),
  isIpOnly: true,
};

const DESTINATION: Key = {
  columns: [{ name: "direction", kind: "text" }, { name: "destination_ip", kind: "address" }],
  cells: [
    { heading: "Dir", column: "direction" },
    { heading: "Destination", column: "destination_ip" },
  ],
  sql: () => grouped("direction, destination_ip", WITH_IP, AVERAGE),
  isIpOnly: true,
};

const HOST: Key = {
  columns: [{ name: "host", kind: "address" }],
  cells: [{ heading: "Host", column: "host" }],
  sql: () => eitherEnd("host", "source_ip", "destination_ip", PAIRS),
  isIpOnly: true,
};

const PAIR: Key = {
  columns: [{ name: "source_ip", kind: "address" }, { name: "destination_ip", kind: "address" }],
  cells: [
    { heading: "Source", column: "source_ip" },
    { heading: "Destination", column: "destination_ip" },
  ],
  sql: () => grouped("source_ip, destination_ip", WITH_IP, AVERAGE),
  isIpOnly: true,
};

const PORT: Key = {
  columns: [{ name: "port", kind: "port" }, { name: "protocol", kind: "text" }],
  cells: [{ heading: "Port", column: "port" }, { heading: "Protocol", column: "protocol" }],
  sql: () =>
    eitherEnd(
      "port, protocol",
      "source_port",
      "destination_port",
      grouped("source_port, destination_port, protocol"),
    ),
};

const SUBNET: Key = {
  columns: [{ name: "subnet", kind: "text" }],
  cells: [{ heading: "Subnet", column: "subnet" }],
  sql: (argument) => {
    const network = (column: string) => networkOf(column, prefixesOf(argument));
    return eitherEnd(
      "subnet",
      "source_subnet",
      "destination_subnet",
      `
      SELECT ${network("source_ip")} AS source_subnet,
        ${network("destination_ip")} AS destination_subnet,
        packet_count, total_bytes
      FROM (${PAIRS})`,
    );
  },
  isIpOnly: true,
};

const MAC: Key = {
  columns: [{ name: "mac", kind: "text" }],
  cells: [{ heading: "MAC", column: "mac" }],
  sql: () => `
    SELECT ${printedMac("mac")} AS mac, packet_count, total_bytes, avg_packet_size
    FROM (${
    eitherEnd("mac", "source_mac", "destination_mac", grouped("source_mac, destination_mac"))
  })`,
};

const KEYS: Readonly<Record<string, Key>> = {
  source: SOURCE,
  destination: DESTINATION,
  host: HOST,
  pair: PAIR,
  port: PORT,
  protocol: column("protocol", "Protocol"),
  subnet: SUBNET,
  interface: column("interface", "Interface"),
  direction: column("direction", "Dir"),
  vlan: {
    columns: [{ name: "vlan_id", kind: "port" }],
    cells: [{ heading: "VLAN", column: "vlan_id" }],
    sql: () => grouped("vlan_id", [], AVERAGE),
  },
  dscp: {
    columns: [{ name: "dscp", kind: "port" }, { name: "dscp_name", kind: "text" }],
    cells: [{ heading: "DSCP", column: "dscp" }, { heading: "Name", column: "dscp_name" }],
    sql: () => `
    SELECT dscp, ${dscpName("dscp")} AS dscp_name, packet_count, total_bytes, avg_packet_size
    FROM (${grouped("dscp", [], AVERAGE)})`,
  },
  mac: MAC,
};

/** Before ends are told apart: far fewer rows than packets. */
const PAIRS = grouped("source_ip, destination_ip", WITH_IP);

export const TOP: TableReport = {
  kind: "table",
  name: "top",
  help: "sources, by bytes; or destinations, hosts, ports, subnets and more",
  ...layoutOf(SOURCE),
  defaultLimit: 10,
  definitions: [
    "By `source` and `destination` each direction has rows of its own; by anything else, packets of " +
    "both directions are counted together.",
    "A packet has two hosts, MAC addresses, ports and subnets: it counts for both, and once where both " +
    "are the same. So the rows add up to more than the packets.",
    "Packets without a port (ICMP, later fragments, ARP) are in rows of their protocol without a number; " +
    "likewise packets without a VLAN tag, and those that have no DSCP.",
  ],
  by: {
    default: "source",
    groupings: [
      { name: "source", help: "source address, in each direction" },
      { name: "destination", help: "destination address, in each direction" },
      { name: "host", help: "address, as source or as destination" },
      { name: "pair", help: "source and destination address" },
      { name: "port", help: "port, as source or as destination, and protocol" },
      PROTOCOL,
      {
        name: "subnet",
        help: "network of either address: /24 and /64 for IPv6, or what is written: `subnet/16`, " +
          "`subnet/16/48`",
        argument: { usage: "[/n[/n6]]", parse: parsePrefixes },
      },
      INTERFACE,
      DIRECTION,
      VLAN,
      DSCP,
      { name: "mac", help: "MAC address, as source or as destination" },
    ],
  },
  layout: (choices) => layoutOf(keyOf(choices)),
  sql: (choices) => keyOf(choices).sql(choices.by?.argument ?? []),
  section: { heading: "Top sources", place: 2 },
};

function keyOf({ by }: Choices): Key {
  return KEYS[by?.name ?? "source"]!;
}

function layoutOf({ columns, cells, isIpOnly = false }: Key): TableLayout {
  return {
    columns: [
      ...columns,
      PACKET_COLUMN,
      BYTE_COLUMN,
      { name: "avg_packet_size", kind: "bytes" },
    ],
    keys: columns.map(({ name }) => name),
    sorts: ["total_bytes", "packet_count"],
    cells: [
      ...cells,
      PACKET_CELL,
      { ...BYTE_CELL, bar: "share" },
      { heading: "Avg size", column: "avg_packet_size", leaveOut: "first" },
    ],
    note: isIpOnly ? withoutIpNote : undefined,
  };
}

function column(name: string, heading: string): Key {
  return {
    columns: [{ name, kind: "text" }],
    cells: [{ heading, column: name }],
    sql: () => grouped(name, [], AVERAGE),
  };
}

function grouped(
  columns: string,
  conditions: readonly string[] = [],
  more: readonly string[] = [],
): string {
  return `
    SELECT ${columns},
      ${[SUMS_SQL, ...more].join(",\n      ")}
    FROM packets${conditions.map((condition) => `\n    WHERE ${condition}`).join("")}
    GROUP BY ${columns}`;
}

/**
 * Sums over either of two columns of rows that have been summed up already.
 *
 * @param columns the new column, and those that stay
 */
function eitherEnd(columns: string, source: string, destination: string, from: string): string {
  const [end = "", ...others] = columns.split(", ");
  return `
    SELECT ${columns}, sum(packet_count)::HUGEINT AS packet_count,
      sum(total_bytes)::HUGEINT AS total_bytes,
      round(sum(total_bytes) / sum(packet_count), 2) AS avg_packet_size
    FROM (
      SELECT unnest(CASE WHEN ${source} IS NOT DISTINCT FROM ${destination}
          THEN [${source}] ELSE [${source}, ${destination}] END) AS ${end},
        ${[...others, "packet_count", "total_bytes"].join(", ")}
      FROM (${from})
    )
    GROUP BY ${columns}`;
}
