import assert from "node:assert/strict";
import type { CaptureMode } from "../../../src/attach/hook_kind.ts";
import {
  expectedHook,
  type HookFacts,
  hookSteps,
  lostFeatures,
} from "../../../src/attach/hook_choice.ts";
import { features } from "../../support/preflight_facts.ts";

const INGRESS = { direction: "ingress" } as const;

/** A card that can do everything without giving anything up. */
function card(change: Partial<HookFacts> = {}): HookFacts {
  return { driver: "ixgbe", nativeXdp: true, features: features("rx-gro"), below: [], ...change };
}

/** What would be tried, and why the others are left out. */
function auto(change: Partial<HookFacts>): string[] {
  return hookSteps(INGRESS, "auto", card(change)).map(({ kind, obstacle }) =>
    obstacle === null ? kind : `not ${kind}: ${obstacle}`
  );
}

/** What it costs to have what was asked for. */
function costOf(mode: CaptureMode, change: Partial<HookFacts>): string {
  const steps = hookSteps(INGRESS, mode, card(change));
  assert.deepEqual(steps.map(({ kind, obstacle }) => [kind, obstacle]), [[mode, null]]);
  return steps[0]!.cost;
}

const BARE = "XDP is not for packets without an Ethernet header";
const VETH = "native XDP would switch off TSO and GSO at the other end";

Deno.test("hookSteps() tries native XDP, TC and generic XDP for auto where nothing is switched off", () => {
  assert.deepEqual(auto({}), ["native", "tc", "generic"]);
  assert.deepEqual(auto({ nativeXdp: null }), ["native", "tc", "generic"]);
});

Deno.test("hookSteps() leaves native XDP out for auto where the driver has none", () => {
  const reason = "native XDP is not possible: the driver has none";
  assert.deepEqual(auto({ nativeXdp: false }), [`not native: ${reason}`, "tc", "generic"]);
});

Deno.test("hookSteps() leaves native XDP out for auto on a veth, whose other end would pay", () => {
  for (const seen of [features(), features("rx-gro"), null]) {
    assert.deepEqual(auto({ driver: "veth", features: seen }), [
      `not native: ${VETH}`,
      "tc",
      "generic",
    ]);
  }
});

Deno.test("hookSteps() leaves native XDP out for auto on virtio_net while its host has offloads", () => {
  const reason = "native XDP would switch off the receive offloads of the host";
  const on = { driver: "virtio_net", features: features("rx-checksum") };
  assert.deepEqual(auto(on), [`not native: ${reason}`, "tc", "generic"]);
  assert.deepEqual(auto({ driver: "virtio_net", features: null })[0], `not native: ${reason}`);
  const off = new Map([["rx-checksum", false]]);
  assert.deepEqual(auto({ driver: "virtio_net", features: off }), ["native", "tc", "generic"]);
});

Deno.test("hookSteps() takes neither kind of XDP for auto where the card merges packets", () => {
  for (
    const [on, name] of [
      [["rx-lro"], "LRO"],
      [["rx-gro-hw"], "hardware GRO"],
      [["rx-lro", "rx-gro-hw"], "LRO and hardware GRO"],
    ] as const
  ) {
    assert.deepEqual(auto({ features: features(...on) }), [
      `not native: native XDP would switch off ${name}`,
      "tc",
      `not generic: generic XDP would switch off ${name} for good`,
    ]);
  }
});

Deno.test("hookSteps() takes no native XDP for auto where the features are not known", () => {
  assert.match(auto({ features: null })[0]!, /^not native: .*the kernel does not tell/);
});

Deno.test("hookSteps() looks at the ports of a bond, which get its program", () => {
  const bond = (...below: HookFacts[]) => auto({ driver: "bonding", below })[0];
  assert.equal(bond(card(), card()), "native");
  assert.equal(bond(card(), card({ driver: "veth" })), `not native: ${VETH}`);
  const lro = card({ features: features("rx-lro") });
  assert.equal(bond(lro, card()), "not native: native XDP would switch off LRO");
});

Deno.test("hookSteps() does what was asked for, and tells what it costs", () => {
  assert.equal(costOf("native", {}), "");
  assert.equal(
    costOf("native", { driver: "veth" }),
    "it switches off TSO and GSO at the other end",
  );
  const lro = { features: features("rx-lro") };
  assert.equal(costOf("native", lro), "it switches off LRO");
  assert.equal(costOf("generic", lro), "it switches off LRO for good");
  assert.equal(costOf("generic", { driver: "veth" }), "");
  assert.equal(costOf("tc", lro), "");
});

Deno.test("hookSteps() knows TC only for egress", () => {
  for (const mode of ["auto", "native", "generic", "tc"] as const) {
    const steps = hookSteps({ direction: "egress" }, mode, card({ driver: "veth" }));
    assert.deepEqual(steps, [{ kind: "tc", obstacle: null, cost: "" }]);
  }
});

Deno.test("hookSteps() knows TC only for packets without an Ethernet header, and says so for auto", () => {
  for (const direction of ["ingress", "egress"] as const) {
    for (const mode of ["auto", "tc"] as const) {
      const steps = hookSteps({ direction, bare: true }, mode, card());
      const cost = direction === "ingress" && mode === "auto" ? BARE : "";
      assert.deepEqual(steps, [{ kind: "tc", obstacle: null, cost }]);
    }
  }
  assert.deepEqual(expectedHook(card(), true), { kind: "tc", reason: BARE });
});

Deno.test("expectedHook() says what auto would take, and why", () => {
  assert.deepEqual(expectedHook(card()), {
    kind: "native",
    reason: "native XDP switches no offload off",
  });
  assert.deepEqual(expectedHook(card({ driver: "veth" })), { kind: "tc", reason: VETH });
  const { kind, reason } = expectedHook(card({ nativeXdp: null }));
  assert.equal(kind, "native");
  assert.match(reason, /^if the driver has it, else TC/);
});

Deno.test("lostFeatures() names what was on and is off, and nothing else", () => {
  const before = new Map([["a", true], ["b", true], ["c", false], ["d", true]]);
  const after = new Map([["a", true], ["b", false], ["c", true]]);
  assert.deepEqual(lostFeatures(before, after), ["b"]);
  assert.deepEqual(lostFeatures(null, after), []);
  assert.deepEqual(lostFeatures(before, null), []);
});
