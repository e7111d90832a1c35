import assert from "node:assert/strict";
import type { ChosenAttachment } from "../../../src/contract/attachment.ts";
import { describeAttachment, describeChoices } from "../../../src/render/attachment_text.ts";

function placed(more: Partial<ChosenAttachment>): ChosenAttachment {
  return {
    attachment: 0,
    interface: "eth0",
    direction: "ingress",
    hook: "xdp",
    mode: "native",
    reason: "",
    ...more,
  };
}

Deno.test("describeAttachment() names interface, direction, hook and mode", () => {
  assert.equal(describeAttachment(placed({})), "eth0 ingress xdp/native");
  assert.equal(describeAttachment(placed({ hook: "tcx", mode: "tcx" })), "eth0 ingress tcx");
  assert.equal(
    describeAttachment(placed({ hook: "clsact", mode: "clsact" })),
    "eth0 ingress clsact",
  );
});

Deno.test("describeChoices() gives the reason or the cost where there is one", () => {
  assert.deepEqual(describeChoices([placed({})]), []);
  assert.deepEqual(
    describeChoices([
      placed({ mode: "generic", reason: "native XDP is not possible: why" }),
      placed({ hook: "clsact", mode: "clsact", reason: "this kernel has no TCX" }),
      placed({ reason: "it switches off LRO" }),
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
  const attachments = ["a", "b", "c", "d", "e", "f"].map((name) =>
    placed({ interface: name, ...same })
  );
  const egress = placed({ interface: "a", direction: "egress", ...same });
  assert.deepEqual(describeChoices([...attachments.slice(0, 4), egress]), [
    "a, b, c, d ingress: TCX in use, why",
    "a egress: TCX in use, why",
  ]);
  assert.deepEqual(describeChoices(attachments), [
    "a, b, c, d and 2 more ingress: TCX in use, why",
  ]);
});
