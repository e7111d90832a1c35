/**
 * What a filter is once it is understood: conditions over the columns of a recording. Every back end
 * gives the same answer for each of them: the program in the kernel, SQL, and the tests' own evaluator.
 *
 * A condition is true or it is not. One over a column that a packet does not have is not.
 *
 * @module
 */

/** A column that holds a number; `traffic_class` stands for `dscp` and `ecn` together. */
export type NumberColumn =
  | "packet_length"
  | "ethertype"
  | "vlan_id"
  | "ip_version"
  | "ip_protocol"
  | "source_port"
  | "destination_port"
  | "ttl"
  | "dscp"
  | "traffic_class"
  | "tcp_flags"
  | "tcp_sequence"
  | "tcp_acknowledgment"
  | "tcp_window"
  | "icmp_type"
  | "icmp_code";

/** Addresses of which single bytes can be asked for. */
export type AddressKind = "mac" | "ipv4" | "ipv6";

export type Arithmetic = "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^" | "<<" | ">>";

/** A number without sign of 32 bits; what is computed is cut to that, as in pcap-filter(7). */
export type Value =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "column"; readonly column: NumberColumn }
  /** Bytes of an address, the first one highest. There if the packet has such an address. */
  | {
    readonly kind: "bytes";
    readonly address: AddressKind;
    readonly side: Side;
    readonly offset: number;
    readonly size: 1 | 2 | 4;
  }
  /** The right side of `/`, `%`, `<<` and `>>` is a constant; that of the first two is not 0. */
  | {
    readonly kind: "computed";
    readonly operator: Arithmetic;
    readonly left: Value;
    readonly right: Value;
  };

export type Relation = "=" | "!=" | "<" | "<=" | ">" | ">=";

/** Which end of a packet. */
export type Side = "source" | "destination";

/** A condition that is not made of others; `position` is where it begins in the text, from 0. */
export type Test =
  & { readonly position: number }
  & (
    | {
      readonly kind: "relation";
      readonly operator: Relation;
      readonly left: Value;
      readonly right: Value;
    }
    /** The first `bits` of the address are those of `bytes`, and it has as many bytes: 4 or 16. */
    | {
      readonly kind: "address";
      readonly side: Side;
      readonly bytes: readonly number[];
      readonly bits: number;
    }
    | { readonly kind: "mac"; readonly side: Side; readonly bytes: readonly number[] }
    /** The packet has a VLAN tag. */
    | { readonly kind: "tagged" }
    | { readonly kind: "fragment" }
    | { readonly kind: "direction"; readonly direction: "ingress" | "egress" }
    | { readonly kind: "interface"; readonly name: string }
  );

export type Condition =
  | Test
  | { readonly kind: "all"; readonly of: readonly Condition[] }
  | { readonly kind: "any"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition };

/** All of them; a single one stands for itself, and lists within are taken apart. */
export function all(...conditions: readonly Condition[]): Condition {
  return joined("all", conditions);
}

/** At least one of them, as {@linkcode all}. */
export function any(...conditions: readonly Condition[]): Condition {
  return joined("any", conditions);
}

/** {@linkcode all} or {@linkcode any} of a list, which may be longer than a call can have arguments. */
export function joined(kind: "all" | "any", conditions: readonly Condition[]): Condition {
  const of = conditions.flatMap((one) => one.kind === kind ? one.of : [one]);
  return of.length === 1 ? of[0]! : { kind, of };
}
