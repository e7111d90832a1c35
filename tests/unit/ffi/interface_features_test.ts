import assert from "node:assert/strict";
import { interfaceFeatures } from "../../../ffi/linux/interface_features.ts";

Deno.test("interfaceFeatures() knows the features of loopback by their names", () => {
  const features = interfaceFeatures("lo");
  // Loopback passes segments on uncut, and never removes a VLAN tag: drivers/net/loopback.c.
  assert.equal(features?.get("tx-tcp-segmentation"), true);
  assert.equal(features?.get("rx-vlan-hw-parse"), false);
  assert.equal(features?.has(""), false);
});

Deno.test("interfaceFeatures() is null for an unknown and an overlong name", () => {
  assert.deepEqual([interfaceFeatures("xi-no-such"), interfaceFeatures("x".repeat(16))], [
    null,
    null,
  ]);
});
