import assert from "node:assert/strict";
import { programFor } from "../../../src/attach/hook_kind.ts";

const INGRESS = { interface: "eth0", ifindex: 2, direction: "ingress" } as const;
const EGRESS = { ...INGRESS, direction: "egress" } as const;

Deno.test("programFor() takes XDP for ingress unless it is at TC, and TC for egress", () => {
  for (const kind of ["native", "generic"] as const) {
    assert.equal(programFor(INGRESS, kind), "inspect_xdp");
    assert.equal(programFor(EGRESS, kind), "inspect_tc_egress");
  }
  assert.equal(programFor(INGRESS, "tc"), "inspect_tc_ingress");
  assert.equal(programFor(EGRESS, "tc"), "inspect_tc_egress");
});
