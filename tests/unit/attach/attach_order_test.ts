import assert from "node:assert/strict";
import { attachOrder, type StackedLink } from "../../../src/attach/attach_order.ts";

function link(index: number, more: Partial<StackedLink> = {}): StackedLink {
  return { index, master: null, lower: null, ...more };
}

/** Indexes of the interfaces in the order in which they are attached. */
function order(wanted: readonly number[], links: readonly StackedLink[]): number[] {
  return attachOrder(wanted.map((ifindex) => ({ ifindex })), links)
    .map((position) => wanted[position]!);
}

Deno.test("attachOrder() leaves interfaces that have nothing to do with each other as they are", () => {
  assert.deepEqual(order([3, 1, 2], [link(1), link(2), link(3)]), [3, 1, 2]);
  assert.deepEqual(order([3, 9], [link(3)]), [3, 9]); // 9 has gone
});

Deno.test("attachOrder() puts the ports of a bridge before it", () => {
  const links = [link(1, { master: 5 }), link(2, { master: 5 }), link(3), link(5)];
  assert.deepEqual(order([5, 2, 3, 1], links), [2, 3, 1, 5]);
});

Deno.test("attachOrder() puts what a VLAN stands on before it, through several storeys", () => {
  // 7, a VLAN, on 6, a bridge, whose port is 5, a bond, whose ports are 1 and 2.
  const links = [
    link(1, { master: 5 }),
    link(2, { master: 5 }),
    link(5, { master: 6 }),
    link(6),
    link(7, { lower: 6 }),
  ];
  assert.deepEqual(order([7, 6, 5, 2, 1], links), [2, 1, 5, 6, 7]);
  assert.deepEqual(order([7, 1], links), [1, 7]);
});

Deno.test("attachOrder() keeps both directions of an interface side by side, ingress first", () => {
  const points = [5, 5, 1, 1].map((ifindex) => ({ ifindex }));
  assert.deepEqual(attachOrder(points, [link(1, { master: 5 }), link(5)]), [2, 3, 0, 1]);
});

Deno.test("attachOrder() comes to an end in a circle", () => {
  const links = [link(1, { lower: 2 }), link(2, { lower: 1 }), link(3, { lower: 3 })];
  assert.deepEqual(order([3, 2, 1], links).toSorted(), [1, 2, 3]);
});
