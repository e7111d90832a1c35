/** What the kernel's refusals mean, in words. */
import assert from "node:assert/strict";
import { SystemError } from "../../../ffi/mod.ts";
import { explainTc, explainXdp, xdpFailure } from "../../../src/attach/attach_errors.ts";
import type { AttachPoint } from "../../../src/attach/attach_points.ts";

const ENODEV = 19;
const EEXIST = 17;
const EINVAL = 22;
const EBUSY = 16;
const EOPNOTSUPP = 95;

const POINT: AttachPoint = { interface: "eth7", ifindex: 2_000_000_000, direction: "ingress" };

Deno.test("xdpFailure() has words for each refusal that a user can do something about", () => {
  const words = (errno: number) => xdpFailure(new SystemError("attach", errno));
  assert.equal(words(EOPNOTSUPP), "the driver has no native XDP");
  assert.equal(
    words(EINVAL),
    "the driver refuses it with the present MTU or offloads (LRO, hardware GRO)",
  );
  assert.equal(words(28), "the driver has too few receive queues");
  assert.equal(words(EEXIST), "an interface above this one (bond, bridge) has an XDP program");
  assert.equal(words(5), "Cannot attach: input/output error (EIO)");
});

Deno.test("explainXdp() tells a hook that is taken from an interface that has gone", () => {
  const explained = (errno: number) =>
    explainXdp(new SystemError("attach", errno), POINT, "native").message;
  assert.equal(
    explained(EBUSY),
    'Cannot attach to "eth7": another XDP program is attached (attached a moment ago)',
  );
  assert.equal(explained(ENODEV), 'Cannot attach to "eth7": the interface has disappeared');
  assert.equal(
    explained(EEXIST),
    'Cannot attach to "eth7" in native mode: an interface above this one (bond, bridge) has an ' +
      "XDP program",
  );
});

Deno.test("explainTc() explains a qdisc of kind ingress, and another recording", () => {
  const explained = (errno: number) => explainTc(new SystemError("attach", errno), POINT);
  const ingress = explained(EEXIST);
  assert.match(ingress.message, /: its "ingress" qdisc leaves no place for a "clsact" qdisc$/);
  assert.equal(ingress.hint, 'Record what arrives only, with "--direction in"');
  const other = explained(98);
  assert.match(other.message, /: another xdp-inspector records there$/);
  assert.equal(other.hint, "End that one first");
  assert.match(explained(ENODEV).message, /: the interface has disappeared$/);
});
