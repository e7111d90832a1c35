/**
 * The order in which interfaces get their programs. Pure.
 *
 * @module
 */
import type { NetworkLink } from "../../ffi/mod.ts";

/** What the order follows from. */
export type StackedLink = Pick<NetworkLink, "index" | "master" | "lower">;

/**
 * The positions of `points` such that every interface comes before those above it (bridge, bond, VLAN):
 * the kernel refuses XDP below an interface that has an XDP program (net/core/dev.c, dev_xdp_attach).
 * Otherwise as given.
 */
export function attachOrder(
  points: readonly { readonly ifindex: number }[],
  links: readonly StackedLink[],
): number[] {
  const height = heights(links);
  const heightOf = (position: number) => height.get(points[position]!.ifindex) ?? 0;
  // Sorting is stable: what stands at one height stays in order.
  return [...points.keys()].sort((one, other) => heightOf(one) - heightOf(other));
}

/** How many interfaces stand below each, at most, one upon the other. */
function heights(links: readonly StackedLink[]): Map<number, number> {
  const below = new Map<number, number[]>();
  for (const { index, master, lower } of links) {
    if (master !== null) below.set(master, [...below.get(master) ?? [], index]);
    if (lower !== null) below.set(index, [...below.get(index) ?? [], lower]);
  }
  const found = new Map<number, number>();
  const heightOf = (index: number): number => {
    const known = found.get(index);
    if (known !== undefined) return known;
    // For a circle, which the kernel does not allow: an answer, whichever.
    found.set(index, 0);
    const height = Math.max(-1, ...(below.get(index) ?? []).map(heightOf)) + 1;
    found.set(index, height);
    return height;
  };
  for (const { index } of links) heightOf(index);
  return found;
}
