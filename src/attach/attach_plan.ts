/**
 * What is attached where: the vocabulary of a capture, without any native call.
 *
 * @module
 */

/** Where an ingress program may be attached, as the user asks for it. */
export type CaptureMode = "auto" | "native" | "generic" | "tc";

/** Where an ingress program is attached: what `auto` is resolved to. */
export type HookKind = Exclude<CaptureMode, "auto">;

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
  /** Why not another hook is in use, or what this one costs; empty when there is nothing to say. */
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

/** The program of an attach point for a hook; at egress there is TC only. */
export function programFor(point: Pick<AttachPoint, "direction">, kind: HookKind): ProgramName {
  if (point.direction === "egress") return PROGRAMS.tcEgress;
  return kind === "tc" ? PROGRAMS.tcIngress : PROGRAMS.xdp;
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

/** More names than these do not fit a line. */
const MAX_NAMED = 4;

/**
 * What was chosen for which interfaces, and why or at what cost: one line for all of which the same
 * is to be said, none for those of which nothing is.
 */
export function describeChoices(hooks: readonly AttachedHook[]): string[] {
  const told = hooks.filter(({ reason }) => reason !== "");
  const alike = Map.groupBy(told, ({ direction, mode, reason }) => {
    return `${direction}: ${MODE_NAMES[mode]} in use, ${reason}`;
  });
  return [...alike].map(([choice, same]) => {
    const names = same.slice(0, MAX_NAMED).map((hook) => hook.interface);
    const more = same.length > MAX_NAMED ? ` and ${same.length - MAX_NAMED} more` : "";
    return `${names.join(", ")}${more} ${choice}`;
  });
}
