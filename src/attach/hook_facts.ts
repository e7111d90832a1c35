/**
 * What the choice of a hook is made from, asked of the kernel. Attaches nothing, needs no privilege.
 *
 * @module
 */
import {
  driverName,
  interfaceFeatures,
  listLinks,
  listNativeXdp,
  type NetworkLink,
} from "../../ffi/mod.ts";
import { RunError } from "../core/errors.ts";
import type { AttachPoint } from "./attach_points.ts";
import type { CaptureMode } from "./hook_kind.ts";
import { type HookFacts, type HookStep, hookSteps, NOT_FOR_BARE } from "./hook_choice.ts";

/** An interface of which the kernel tells nothing. */
const UNKNOWN: HookFacts = { driver: null, nativeXdp: null, features: null, below: [] };

/** Gives the facts about one of `links`. */
export function hookFactsOf(
  links: readonly NetworkLink[],
  nativeXdp: ReadonlyMap<number, boolean>,
): (link: NetworkLink) => HookFacts {
  const factsOf = (link: NetworkLink): HookFacts => ({
    driver: driverName(link.name),
    nativeXdp: nativeXdp.get(link.index) ?? null,
    features: interfaceFeatures(link.name),
    // They get what it gets: bond_xdp_set() in drivers/net/bonding/bond_main.c, netvsc_vf_setxdp() in
    // drivers/net/hyperv/netvsc_bpf.c. Others that have ports, as a bridge has, have no native XDP.
    below: links.filter(({ master }) => master === link.index).map(factsOf),
  });
  return factsOf;
}

/**
 * The hooks to try for each attach point.
 *
 * @throws {RunError} if XDP is asked for and cannot be had for one of them
 * @throws {SystemError} if the kernel cannot be asked
 */
export function planHooks(points: readonly AttachPoint[], mode: CaptureMode): HookStep[][] {
  const links = listLinks();
  const factsOf = hookFactsOf(links, listNativeXdp());
  return points.map((point) => {
    if (point.bare && point.direction === "ingress") refuseXdp(point, mode);
    const link = links.find(({ index }) => index === point.ifindex);
    return hookSteps(point, mode, link === undefined ? UNKNOWN : factsOf(link));
  });
}

/** For an interface that is recorded at TC only. */
function refuseXdp(point: AttachPoint, mode: CaptureMode): void {
  if (mode !== "native" && mode !== "generic") return;
  throw new RunError(`Cannot attach to "${point.interface}" in ${mode} mode: ${NOT_FOR_BARE}`, {
    hint: 'Use "--mode auto" or "--mode tc"',
  });
}
