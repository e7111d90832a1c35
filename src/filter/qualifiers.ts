/**
 * What stands before a name or number in a filter, and what both mean together: `src net 10/8`.
 *
 * @module
 */
import type { Protocol } from "./words.ts";

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
