/**
 * What is attached where: the vocabulary of a capture, without any native call.
 *
 * @module
 */
import type { Direction } from "../contract/attachment.ts";

/** Where an ingress program may be attached, as the user asks for it. */
export type CaptureMode = "auto" | "native" | "generic" | "tc";

/** Where an ingress program is attached: what `auto` is resolved to. */
export type HookKind = Exclude<CaptureMode, "auto">;

/** One direction of one interface. */
export interface AttachPoint {
  readonly interface: string;
  /** Interface index in this network namespace. */
  readonly ifindex: number;
  readonly direction: Direction;
}

/** Names of the programs in the BPF object. */
export const PROGRAMS = {
  xdp: "inspect_xdp",
  tcIngress: "inspect_tc_ingress",
  tcEgress: "inspect_tc_egress",
} as const;

/** Name of a program in the BPF object. */
export type ProgramName = (typeof PROGRAMS)[keyof typeof PROGRAMS];

/** The program of an attach point for a hook; at egress there is TC only. */
export function programFor(point: Pick<AttachPoint, "direction">, kind: HookKind): ProgramName {
  if (point.direction === "egress") return PROGRAMS.tcEgress;
  return kind === "tc" ? PROGRAMS.tcIngress : PROGRAMS.xdp;
}
