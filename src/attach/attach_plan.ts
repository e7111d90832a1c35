/**
 * What is attached where: the vocabulary of a capture, without any native call.
 *
 * @module
 */

/** Where an ingress program may be attached, as the user asks for it. */
export type CaptureMode = "auto" | "native" | "generic" | "tc";

/** Kernel hook of a program: `clsact` where the kernel has no TCX. */
export type Hook = "xdp" | "tcx" | "clsact";

/** How the hook runs: in the driver, in the network stack, or at TC. */
export type HookMode = "native" | "generic" | "tcx" | "clsact";

/** One direction of one interface. */
export interface AttachPoint {
  readonly interface: string;
  /** Interface index in this network namespace. */
  readonly ifindex: number;
  readonly direction: "ingress" | "egress";
}

/** An attach point whose program is in place. */
export interface AttachedHook {
  /** Number that every record of this hook carries. */
  readonly slot: number;
  readonly interface: string;
  readonly direction: "ingress" | "egress";
  readonly hook: Hook;
  /** The mode in use: for `auto`, what was chosen. */
  readonly mode: HookMode;
  /** Why another mode than the first choice is in use; empty when it is the first choice. */
  readonly reason: string;
}

/** Names of the programs in the BPF object. */
export const PROGRAMS = {
  xdp: "inspect_xdp",
  tcIngress: "inspect_tc_ingress",
  tcEgress: "inspect_tc_egress",
} as const;

/** Name of a program in the BPF object. */
export type ProgramName = (typeof PROGRAMS)[keyof typeof PROGRAMS];

/** The program of an attach point that is tried first. */
export function programFor(point: AttachPoint, mode: CaptureMode): ProgramName {
  return point.direction === "ingress" && mode !== "tc" ? PROGRAMS.xdp : tcProgramFor(point);
}

/** The program of an attach point for TCX and clsact. */
export function tcProgramFor(point: AttachPoint): ProgramName {
  return point.direction === "ingress" ? PROGRAMS.tcIngress : PROGRAMS.tcEgress;
}

/** `eth0 ingress xdp/native`, for the line that says that recording has begun. */
export function describeHook(hook: AttachedHook): string {
  const mode = hook.hook === "xdp" ? `xdp/${hook.mode}` : hook.hook;
  return `${hook.interface} ${hook.direction} ${mode}`;
}

const MODE_NAMES: Readonly<Record<HookMode, string>> = {
  native: "native XDP",
  generic: "generic XDP",
  tcx: "TCX",
  clsact: "a clsact filter",
};

/** What was chosen instead of the first choice, and why; undefined for the first choice. */
export function describeChoice(hook: AttachedHook): string | undefined {
  if (hook.reason === "") return undefined;
  return `${hook.interface} ${hook.direction}: ${MODE_NAMES[hook.mode]} in use, ${hook.reason}`;
}
