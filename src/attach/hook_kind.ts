/**
 * The kinds of hooks and the program for each.
 *
 * @module
 */
import type { Direction } from "../contract/attachment.ts";

/** Where an ingress program may be attached, as the user asks for it. */
export type CaptureMode = "auto" | "native" | "generic" | "tc";

/** Where an ingress program is attached: what `auto` is resolved to. */
export type HookKind = Exclude<CaptureMode, "auto">;

/** Names of the programs in the BPF object. */
export const PROGRAMS = {
  xdp: "inspect_xdp",
  tcIngress: "inspect_tc_ingress",
  tcEgress: "inspect_tc_egress",
} as const;

/** Name of a program in the BPF object. */
export type ProgramName = (typeof PROGRAMS)[keyof typeof PROGRAMS];

/** The program of an attach point for a hook; at egress there is TC only. */
export function programFor(point: { readonly direction: Direction }, kind: HookKind): ProgramName {
  if (point.direction === "egress") return PROGRAMS.tcEgress;
  return kind === "tc" ? PROGRAMS.tcIngress : PROGRAMS.xdp;
}

/**
 * The hooks that a mode may come to.
 *
 * @param bare whether packets have no Ethernet header, which XDP is not for
 */
export function kindsOf(mode: CaptureMode, direction: Direction, bare: boolean): HookKind[] {
  if (direction === "egress") return ["tc"];
  const kinds: HookKind[] = mode === "auto" ? ["native", "tc", "generic"] : [mode];
  return kinds.filter((kind) => kind === "tc" || !bare);
}
