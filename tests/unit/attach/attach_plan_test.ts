import assert from "node:assert/strict";
import {
  type AttachedHook,
  describeChoice,
  describeHook,
  programFor,
  tcProgramFor,
} from "../../../src/attach/attach_plan.ts";

const INGRESS = { interface: "eth0", ifindex: 2, direction: "ingress" } as const;
const EGRESS = { ...INGRESS, direction: "egress" } as const;

function hook(more: Partial<AttachedHook>): AttachedHook {
  return { slot: 0, ...INGRESS, hook: "xdp", mode: "native", reason: "", ...more };
}

Deno.test("programFor() takes XDP for ingress unless TC is asked for, and TC for egress", () => {
  for (const mode of ["auto", "native", "generic"] as const) {
    assert.equal(programFor(INGRESS, mode), "inspect_xdp");
    assert.equal(programFor(EGRESS, mode), "inspect_tc_egress");
  }
  assert.equal(programFor(INGRESS, "tc"), "inspect_tc_ingress");
  assert.equal(tcProgramFor(INGRESS), "inspect_tc_ingress");
});

Deno.test("describeHook() names interface, direction, hook and mode", () => {
  assert.equal(describeHook(hook({})), "eth0 ingress xdp/native");
  assert.equal(describeHook(hook({ hook: "tcx", mode: "tcx" })), "eth0 ingress tcx");
  assert.equal(describeHook(hook({ hook: "clsact", mode: "clsact" })), "eth0 ingress clsact");
});

Deno.test("describeChoice() gives the reason for what is not the first choice", () => {
  assert.equal(describeChoice(hook({})), undefined);
  assert.equal(
    describeChoice(hook({ mode: "generic", reason: "native XDP is not possible: why" })),
    "eth0 ingress: generic XDP in use, native XDP is not possible: why",
  );
  assert.equal(
    describeChoice(hook({ hook: "clsact", mode: "clsact", reason: "this kernel has no TCX" })),
    "eth0 ingress: a clsact filter in use, this kernel has no TCX",
  );
});
