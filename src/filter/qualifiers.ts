/**
 * What stands before a name or number in a filter, and what both mean together: `src net 10/8`.
 *
 * @module
 */
import { type Protocol, PROTOCOLS_WITH_PORTS } from "./words.ts";

/** Which end of the packet is meant. */
export type Ends = "source" | "destination" | "either" | "both";

/** Words before a name or number. Where one is left out, the next name or number has them as well. */
export interface Qualifiers {
  /** null = none was written. */
  readonly protocol: Protocol | null;
  readonly ends: Ends;
  /** null = none was written: a host. */
  readonly type: "host" | "net" | "port" | "portrange" | "proto" | null;
}

/** A name or number; `position` is that of its first character. */
export type Id =
  & { readonly text: string; readonly position: number }
  & (
    | { readonly kind: "name" }
    | { readonly kind: "number"; readonly value: number; readonly bits: number | null }
    | {
      readonly kind: "ipv4";
      readonly numbers: readonly number[];
      /** Of "/8" or "mask 255.0.0.0" behind it; null = none. */
      readonly bits: number | null;
    }
    | { readonly kind: "ipv6"; readonly bytes: readonly number[]; readonly bits: number | null }
    | { readonly kind: "mac"; readonly bytes: readonly number[] }
  );

/** How it was written, for messages. */
export function writtenQualifiers({ protocol, ends, type }: Qualifiers): string {
  const words = [
    protocol,
    { source: "src", destination: "dst", either: null, both: "src and dst" }[
      ends
    ],
    type,
  ];
  return words.filter((word) => word !== null).join(" ");
}

/** An expression with these words, or with as many of them as can be used, for messages. */
export function exampleOf(qualifiers: Qualifiers): string {
  const { protocol, ends, type } = qualifiers;
  const behind = (protocols: readonly string[], example: string) => {
    const isKnown = protocol === null || protocols.includes(protocol);
    const words = writtenQualifiers({ ...qualifiers, protocol: isKnown ? protocol : null });
    return { isKnown, text: `${words} ${example}` };
  };
  switch (type) {
    case "port":
      return behind(Object.keys(PROTOCOLS_WITH_PORTS), "443").text;
    case "portrange":
      return behind(Object.keys(PROTOCOLS_WITH_PORTS), "6000-6100").text;
    case "proto":
      return protocol === "ether" ? "ether proto 0x88cc" : "proto 47";
  }
  if (protocol === "ether") {
    return `${writtenQualifiers({ protocol, ends, type: "host" })} 02:00:5e:10:00:01`;
  }
  const isNet = type === "net";
  const { isKnown, text } = protocol === "ip6"
    ? behind(["ip6"], isNet ? "2001:db8::/32" : "2001:db8::1")
    : behind(["ip"], isNet ? "10.0.0.0/8" : "10.0.0.1");
  return isKnown ? text : `${protocol} and ${text}`;
}
