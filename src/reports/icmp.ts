/**
 * ICMP and ICMPv6 by type and code.
 *
 * @module
 */
import { ICMP_TYPES, type IcmpType, ICMPV6_TYPES } from "../contract/icmp_names.ts";
import type { TableReport } from "./report.ts";
import { BYTE_CELL, BYTE_COLUMN, PACKET_CELL, PACKET_COLUMN, SUMS_SQL } from "./report_parts.ts";

const PROTOCOLS = [["ICMP", ICMP_TYPES], ["ICMPv6", ICMPV6_TYPES]] as const;

export const ICMP: TableReport = {
  kind: "table",
  name: "icmp",
  help: "ICMP and ICMPv6: types and codes, and between how many",
  columns: [
    { name: "protocol", kind: "text" },
    { name: "icmp_type", kind: "port", type: "UTINYINT" },
    { name: "icmp_code", kind: "port", type: "UTINYINT" },
    { name: "type_name", kind: "text" },
    { name: "code_name", kind: "text" },
    PACKET_COLUMN,
    BYTE_COLUMN,
    { name: "pair_count", kind: "count" },
  ],
  defaultLimit: 20,
  definitions: [
    "Pairs are a source and a destination address each, so both ends of a ping make one pair with the " +
    "request and one with the reply: those seen, whatever the sampling rate. Names are IANA's, shortened; " +
    "a type or code without one is not registered, or has nothing to tell. Later fragments of ICMP have " +
    "no type.",
    "Who sent an error is its source; what it is about stands in its payload, which is not recorded.",
  ],
  keys: ["protocol", "icmp_type", "icmp_code"],
  sorts: ["packet_count", "total_bytes"],
  sql: `
    SELECT counted.protocol, counted.icmp_type, counted.icmp_code,
      types.name AS type_name, codes.name AS code_name,
      packet_count, total_bytes, pair_count
    FROM (
      SELECT protocol, icmp_type, icmp_code,
        sum(packet_count)::HUGEINT AS packet_count,
        sum(total_bytes)::HUGEINT AS total_bytes,
        count(*) AS pair_count
      FROM (
        SELECT protocol, icmp_type, icmp_code, source_ip, destination_ip,
          ${SUMS_SQL}
        FROM packets
        WHERE protocol IN (${PROTOCOLS.map(([name]) => `'${name}'`).join(", ")})
        GROUP BY ALL
      )
      GROUP BY protocol, icmp_type, icmp_code
    ) AS counted
    LEFT JOIN (VALUES
      ${rows(([type, { name }]) => [`${type}, '${name}'`])}
    ) AS types(protocol, type, name)
      ON types.protocol = counted.protocol AND types.type = icmp_type
    LEFT JOIN (VALUES
      ${
    rows(([type, { codes = {} }]) =>
      Object.entries(codes).map(([code, name]) => `${type}, ${code}, '${name}'`)
    )
  }
    ) AS codes(protocol, type, code, name)
      ON codes.protocol = counted.protocol AND codes.type = icmp_type AND codes.code = icmp_code`,
  cells: [
    { heading: "Protocol", column: "protocol", leaveOut: "last" },
    { heading: "Type", column: "icmp_type" },
    { heading: "Code", column: "icmp_code" },
    { heading: "Meaning", column: "type_name" },
    { heading: "Detail", column: "code_name", leaveOut: "first" },
    PACKET_CELL,
    { ...BYTE_CELL, leaveOut: "first" },
    { heading: "Pairs", column: "pair_count", leaveOut: "last" },
  ],
};

/** Values of rows for each type, with the protocol before them. */
function rows(values: (type: readonly [string, IcmpType]) => readonly string[]): string {
  return PROTOCOLS.flatMap(([protocol, types]) =>
    Object.entries(types).flatMap(values).map((value) => `('${protocol}', ${value})`)
  ).join(",\n      ");
}
