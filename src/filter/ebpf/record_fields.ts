/**
 * Where the columns that filters know lie in a record, and what says that a packet has them.
 *
 * @module
 */
import { COLUMNS } from "../../contract/columns.ts";
import { PRESENT, RECORD_OFFSET } from "../../contract/record_layout.ts";
import type { NumberColumn, Side, Value } from "../tree.ts";

/**
 * What is known of a packet at a place of the code, as bits: those of `present`, and two for the version
 * of IP, which also say that there is one.
 */
export type Facts = number;

export const IS_IPV4 = 1 << 16 | PRESENT.IP;
export const IS_IPV6 = 1 << 17 | PRESENT.IP;

/** A number in the record. */
export interface FieldPlace {
  readonly offset: number;
  readonly size: 1 | 2 | 4;
  /** What has to be done with it: 0 = nothing. */
  readonly shift: number;
}

const SIZES: Readonly<Record<Exclude<NumberColumn, "ip_version">, 1 | 2 | 4>> = {
  packet_length: 4,
  ethertype: 2,
  vlan_id: 2,
  ip_protocol: 1,
  source_port: 2,
  destination_port: 2,
  ttl: 1,
  dscp: 1,
  traffic_class: 1,
  tcp_flags: 1,
  tcp_sequence: 4,
  tcp_acknowledgment: 4,
  tcp_window: 2,
  icmp_type: 1,
  icmp_code: 1,
};

/** Fields that share their bytes with another one, so that a value other than 0 proves nothing. */
const SHARED: readonly NumberColumn[] = ["tcp_window", "icmp_type", "icmp_code"];

/** Place of a column's number; the version of IP has none. */
export function fieldPlace(column: Exclude<NumberColumn, "ip_version">): FieldPlace {
  if (column === "dscp") return { offset: RECORD_OFFSET.traffic_class, size: 1, shift: 2 };
  return { offset: RECORD_OFFSET[column], size: SIZES[column], shift: 0 };
}

/** Place of an address. */
export function addressOffset(kind: "ip" | "mac", side: Side): number {
  return RECORD_OFFSET[kind === "mac" ? `${side}_mac` as const : `${side}_address` as const];
}

/** What a packet has that has this column. */
export function columnFacts(column: NumberColumn): Facts {
  const name = column === "traffic_class" ? "dscp" : column;
  return COLUMNS.find((one) => one.name === name)!.presence;
}

/** What a packet has that has this value. */
export function valueFacts(value: Value): Facts {
  switch (value.kind) {
    case "constant":
      return 0;
    case "column":
      return columnFacts(value.column);
    case "bytes":
      return { mac: PRESENT.MAC, ipv4: IS_IPV4, ipv6: IS_IPV6 }[value.address];
    case "computed":
      return valueFacts(value.left) | valueFacts(value.right);
  }
}

/** Whether the column is 0 in the record of a packet that lacks it, and belongs to it alone. */
export function provesItself(column: NumberColumn): boolean {
  return column !== "ip_version" && !SHARED.includes(column);
}
