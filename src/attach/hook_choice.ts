/**
 * Which hook an ingress program is attached to, and what that would switch off. Pure.
 *
 * Recording must leave the link as fast as it was. Native XDP is the cheapest place to read packets,
 * but drivers give up offloads for it, silently: `auto` takes it only where nothing has to go.
 *
 * @module
 */
import type { AttachPoint } from "./attach_points.ts";
import type { CaptureMode, HookKind } from "./hook_kind.ts";

/** What decides, of one interface. */
export interface HookFacts {
  /** Null if it has none or does not tell. */
  readonly driver: string | null;
  /** Whether the driver has native XDP as it is set up now; null if the kernel does not tell. */
  readonly nativeXdp: boolean | null;
  /** Features by the kernel's names, and whether they are on; null if unknown. */
  readonly features: ReadonlyMap<string, boolean> | null;
  /** Its ports: those of a bond get a native program when it does. */
  readonly below: readonly HookFacts[];
}

/** One hook in the order in which they are tried. */
export interface HookStep {
  readonly kind: HookKind;
  /** Why it is left out, `native XDP would ...`; null if it is tried. */
  readonly obstacle: string | null;
  /** What taking it costs, `it switches off ...`; empty if nothing is known. */
  readonly cost: string;
}

/** Names of the hooks for people. */
export const HOOK_NAMES: Readonly<Record<HookKind, string>> = {
  native: "native XDP",
  tc: "TC",
  generic: "generic XDP",
};

/**
 * XDP is not told which protocol a packet is, and generic XDP takes the first bytes for an Ethernet
 * header: net/core/dev.c, bpf_prog_run_generic_xdp().
 */
export const NOT_FOR_BARE = "XDP is not for packets without an Ethernet header";

/** Merging by the card, which goes before XDP comes, and how people call it. */
const CARD_MERGES: readonly (readonly [feature: string, name: string])[] = [
  ["rx-lro", "LRO"],
  ["rx-gro-hw", "hardware GRO"],
];

/**
 * Drivers whose native XDP switches off what the features of the interface do not show.
 * Without a checksum offload a virtio host has no other: each of them requires it (virtio 1.2, 5.1.3.1).
 */
const HIDDEN_COSTS: Readonly<
  Record<string, (isOn: (feature: string) => boolean) => string | null>
> = {
  // drivers/net/veth.c, veth_xdp_set(): it is the peer that loses NETIF_F_GSO_SOFTWARE.
  veth: () => "TSO and GSO at the other end",
  // drivers/net/virtio_net.c, virtnet_xdp_set(): virtnet_clear_guest_offloads().
  virtio_net: (isOn) => isOn("rx-checksum") ? "the receive offloads of the host" : null,
};

/** What native XDP switches off; null if nothing is known. */
function nativeCost({ driver, features, below }: HookFacts): string | null {
  const isOn = (feature: string) => features?.get(feature) ?? true;
  return HIDDEN_COSTS[driver ?? ""]?.(isOn) ?? mergesOf(features) ??
    below.map(nativeCost).find((cost) => cost !== null) ?? null;
}

/** Generic XDP switches this off and leaves it off: net/core/dev.c, generic_xdp_install(). */
function mergesOf(features: HookFacts["features"]): string | null {
  const on = CARD_MERGES.filter(([feature]) => features?.get(feature) === true);
  return on.length === 0 ? null : on.map(([, name]) => name).join(" and ");
}

/** Why `auto` does not take native XDP; null if it does. */
function nativeObstacle(facts: HookFacts): string | null {
  if (facts.nativeXdp === false) return "native XDP is not possible: the driver has none";
  const cost = nativeCost(facts);
  if (cost !== null) return `native XDP would switch off ${cost}`;
  return facts.features === null
    ? "native XDP might switch offloads off: the kernel does not tell which are on"
    : null;
}

/**
 * The hooks for an attach point in the order in which they are tried: for `auto` and ingress native
 * XDP, TC, generic XDP, each only if it switches no offload off, and TC alone for packets without an
 * Ethernet header; else the one that was asked for.
 */
export function hookSteps(
  { direction, bare }: Pick<AttachPoint, "direction" | "bare">,
  mode: CaptureMode,
  facts: HookFacts,
): HookStep[] {
  if (direction === "egress" || mode === "tc") return [step("tc")];
  if (bare) return [{ kind: "tc", obstacle: null, cost: NOT_FOR_BARE }];
  const merges = mergesOf(facts.features);
  if (mode === "auto") {
    const generic = merges === null ? null : `generic XDP would switch off ${merges} for good`;
    return [step("native", nativeObstacle(facts)), step("tc"), step("generic", generic)];
  }
  const lost = mode === "native" ? nativeCost(facts) : merges;
  const cost = lost === null ? "" : `it switches off ${lost}`;
  return [{
    kind: mode,
    obstacle: null,
    cost: cost && mode === "generic" ? `${cost} for good` : cost,
  }];
}

function step(kind: HookKind, obstacle: string | null = null): HookStep {
  return { kind, obstacle, cost: "" };
}

/**
 * What `auto` would take for ingress, before anything is tried, and why: for people.
 *
 * @param bare whether packets of the interface have no Ethernet header
 */
export function expectedHook(
  facts: HookFacts,
  bare = false,
): { readonly kind: HookKind; readonly reason: string } {
  const steps = hookSteps({ direction: "ingress", bare }, "auto", facts);
  const first = steps.findIndex(({ obstacle }) => obstacle === null);
  const passed = steps.slice(0, first).map(({ obstacle }) => obstacle!);
  const { kind, cost } = steps[first]!;
  if (cost !== "") return { kind, reason: cost };
  if (kind === "native" && facts.nativeXdp === null) {
    return { kind, reason: "if the driver has it, else TC: this kernel does not tell" };
  }
  return { kind, reason: passed.join("; ") || `${HOOK_NAMES[kind]} switches no offload off` };
}

/** Features that were on before and are off now, by the kernel's names. */
export function lostFeatures(
  before: HookFacts["features"],
  after: HookFacts["features"],
): string[] {
  if (before === null || after === null) return [];
  return [...before].flatMap(([name, on]) => on && after.get(name) === false ? [name] : []);
}
