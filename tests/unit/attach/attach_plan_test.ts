import assert from "node:assert/strict";
import {
  type AttachedHook,
  describeChoices,
  describeHook,
  programFor,
} from "../../../src/attach/attach_plan.ts";

const INGRESS = { interface: "eth0", ifindex: 2, direction: "ingress" } as const;
const EGRESS = { ...INGRESS, direction: "egress" } as const;

function hook(more: Partial<AttachedHook>): AttachedHook {
  return { slot: 0, ...INGRESS, hook: "xdp", mode: "native", reason: "", ...more };
}

Deno.test("programFor() takes XDP for ingress unless it is at TC, and TC for egress", () => {
  for (const kind of ["native", "generic"] as const) {
    assert.equal(programFor(INGRESS, kind), "inspect_xdp");
    assert.equal(programFor(EGRESS, kind), "inspect_tc_egress");
  }
  assert.equal(programFor(INGRESS, "tc"), "inspect_tc_ingress");
  assert.equal(programFor(EGRESS, "tc"), "inspect_tc_egress");
});

Deno.test("describeHook() names interface, direction, hook and mode", () => {
  assert.equal(describeHook(hook({})), "eth0 ingress xdp/native");
  assert.equal(describeHook(hook({ hook: "tcx", mode: "tcx" })), "eth0 ingress tcx");
  assert.equal(describeHook(hook({ hook: "clsact", mode: "clsact" })), "eth0 ingress clsact");
});

Deno.test("describeChoices() gives the reason or the cost where there is one", () => {
  assert.deepEqual(describeChoices([hook({})]), []);
  assert.deepEqual(
    describeChoices([
      hook({ mode: "generic", reason: "native XDP is not possible: why" }),
      hook({ hook: "clsact", mode: "clsact", reason: "this kernel has no TCX" }),
      hook({ reason: "it switches off LRO" }),
    ]),
    [
      "eth0 ingress: generic XDP in use, native XDP is not possible: why",
      "eth0 ingress: a clsact filter in use, this kernel has no TCX",
      "eth0 ingress: native XDP in use, it switches off LRO",
    ],
  );
});

Deno.test("describeChoices() says the same of several interfaces once, and names four", () => {
  const same = { hook: "tcx", mode: "tcx", reason: "why" } as const;
  const hooks = ["a", "b", "c", "d", "e", "f"].map((name) => hook({ interface: name, ...same }));
  const egress = hook({ interface: "a", direction: "egress", ...same });
  assert.deepEqual(describeChoices([...hooks.slice(0, 4), egress]), [
    "a, b, c, d ingress: TCX in use, why",
    "a egress: TCX in use, why",
  ]);
  assert.deepEqual(describeChoices(hooks), ["a, b, c, d and 2 more ingress: TCX in use, why"]);
});
