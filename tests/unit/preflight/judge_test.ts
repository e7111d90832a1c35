import assert from "node:assert/strict";
import type { CheckFinding } from "../../../src/contract/check_finding.ts";
import type { InterfaceFacts, PreflightFacts } from "../../../src/preflight/facts.ts";
import { judge } from "../../../src/preflight/judge.ts";
import {
  done,
  failed,
  features,
  goodInterface,
  goodMachine,
  poorMachine,
  skipped,
} from "../../support/preflight_facts.ts";

/** The finding of one check on a good machine with the given changes. */
function finding(check: string, change: Partial<PreflightFacts>): CheckFinding {
  const found = judge(goodMachine(change)).filter((one) => one.check === check);
  assert.equal(found.length, 1, check);
  return found[0]!;
}

/** The finding of one check about a good interface with the given changes. */
function about(check: string, change: Partial<InterfaceFacts>): CheckFinding {
  return finding(check, { interfaces: [{ wanted: "", facts: done(goodInterface(change)) }] });
}

const GOOD = goodMachine();

Deno.test("judge() has nothing against a good machine", () => {
  for (const { check, status, fix } of judge(GOOD)) {
    assert.deepEqual([status, fix], ["ok", null], check);
  }
});

Deno.test("judge() names each check once for the machine and once for each interface", () => {
  const names = judge(poorMachine()).map((one) => `${one.interface} ${one.check}`);
  assert.deepEqual(names, [...new Set(names)]);
});

Deno.test("judge() fails each capability that is missing, and no other", () => {
  const confinement = { ...GOOD.confinement, missingCapabilities: ["CAP_NET_ADMIN"] };
  assert.equal(finding("cap_net_admin", { confinement }).status, "fail");
  assert.equal(finding("cap_bpf", { confinement }).status, "ok");
});

Deno.test("judge() fails capabilities that hold in a user namespace only", () => {
  const confinement = { ...GOOD.confinement, inUserNamespace: true };
  assert.equal(finding("cap_bpf", { confinement }).status, "fail");
  assert.equal(finding("cap_perfmon", { confinement }).status, "fail");
  // The network namespace belongs to that user namespace.
  assert.equal(finding("cap_net_admin", { confinement }).status, "ok");
});

Deno.test("judge() warns of kernels before 5.18, by number and not by letter", () => {
  for (const release of ["5.18.0", "5.19", "6.1.0-13-amd64", "10.0"]) {
    assert.equal(finding("kernel", { kernelRelease: release }).status, "ok", release);
  }
  for (const release of ["5.17.9", "5.9", "4.19.0", "?"]) {
    assert.equal(finding("kernel", { kernelRelease: release }).status, "warn", release);
  }
});

Deno.test("judge() only warns of missing BTF if the programs load without it", () => {
  assert.equal(finding("btf", { kernelTypes: null }).status, "warn");
  const programs = { ...GOOD.programs, inspect_tc_egress: failed("no") };
  assert.equal(finding("btf", { kernelTypes: null, programs }).status, "fail");
});

Deno.test("judge() passes reason and hint of a failed probe on", () => {
  assert.deepEqual(finding("libbpf", { libbpf: failed("Cannot load it", "Install it") }), {
    check: "libbpf",
    interface: null,
    status: "fail",
    message: "Cannot load it",
    fix: "Install it",
  });
  for (
    const [check, change] of [
      ["ring_buffer", { ring: failed("no") }],
      ["duckdb", { duckdb: failed("no") }],
      ["output", { output: { path: "x", freeBytes: failed("no") } }],
      ["tcx", { attach: { ...GOOD.attach, egress: failed("no") } }],
    ] as const
  ) {
    assert.deepEqual(finding(check, change).status, "fail", check);
  }
});

Deno.test("judge() only warns of an XDP program that does not load if TC can stand in", () => {
  const programs = { ...GOOD.programs, inspect_xdp: failed("no") };
  assert.equal(finding("xdp_program", { programs }).status, "warn");
  const none = { ...programs, inspect_tc_ingress: failed("no") };
  assert.equal(finding("xdp_program", { programs: none }).status, "fail");
  assert.equal(finding("tc_ingress_program", { programs: none }).status, "fail");
});

Deno.test("judge() says what was not tried, and takes an XDP link for granted if XDP loads", () => {
  const attach = { xdp: skipped("it takes more"), egress: skipped("it takes more") };
  assert.equal(finding("xdp_link", { attach }).status, "ok");
  assert.match(finding("xdp_link", { attach }).message, /not tried: it takes more$/);
  assert.equal(finding("tcx", { attach }).status, "warn");
  const programs = { ...GOOD.programs, inspect_xdp: skipped("why") };
  assert.equal(finding("xdp_link", { attach, programs }).status, "warn");
});

Deno.test("judge() warns that a clsact filter outlives SIGKILL", () => {
  const attach = { ...GOOD.attach, egress: done("clsact" as const) };
  assert.equal(finding("tcx", { attach }).status, "warn");
  assert.match(finding("tcx", { attach }).message, /clsact.*SIGKILL/);
});

Deno.test("judge() wants room on the disk", () => {
  const space = (bytes: number) =>
    finding("output", { output: { path: "x", freeBytes: done(bytes) } }).status;
  assert.deepEqual([space(2 ** 30), space(2 ** 30 - 1), space(2 ** 26 - 1)], [
    "ok",
    "warn",
    "fail",
  ]);
});

Deno.test("judge() gives an interface that cannot be recorded one finding, under its name", () => {
  const interfaces = [{ wanted: "eth9", facts: failed("no such interface", "Look") }];
  const findings = judge(goodMachine({ interfaces })).filter((one) => one.interface !== null);
  assert.deepEqual(findings, [
    {
      check: "interface",
      interface: "eth9",
      status: "fail",
      message: "no such interface",
      fix: "Look",
    },
  ]);
});

Deno.test("judge() warns of an interface without carrier, not of one that does not tell", () => {
  assert.equal(about("interface", { state: "down" }).status, "warn");
  assert.equal(about("interface", { state: "unknown" }).status, "ok");
});

Deno.test("judge() tells no, yes and unknown native XDP apart", () => {
  const statuses = [true, false, null].map((nativeXdp) =>
    about("native_xdp", { nativeXdp }).status
  );
  assert.deepEqual(statuses, ["ok", "warn", "warn"]);
  assert.match(about("native_xdp", { nativeXdp: null }).message, /does not tell/);
});

Deno.test("judge() fails an XDP hook that is taken and names who has it", () => {
  const { status, message, fix } = about("xdp_hook", { xdp: { programId: 42, mode: "native" } });
  assert.equal(status, "fail");
  assert.match(message, /program id 42, native mode/);
  assert.match(fix ?? "", /"--mode tc"/);
});

Deno.test("judge() warns of programs before ours at egress", () => {
  assert.match(about("egress_hook", { egressPrograms: [8, 9] }).message, /program id 8, 9/);
});

Deno.test("judge() warns of GRO only where a row does not say how many packets it is", () => {
  const taking = (kind: "native" | "tc" | "generic") => ({ expected: { kind, reason: "why" } });
  for (const feature of ["rx-gro", "rx-gro-hw"]) {
    const on = features(feature);
    assert.equal(about("gro", { features: on, ...taking("native") }).status, "ok");
    const { status, message } = about("gro", { features: on, ...taking("tc") });
    assert.equal(status, "ok");
    assert.match(message, /merged, column "segments" has the number/);
    assert.equal(about("gro", { features: on, ...taking("generic") }).status, "warn");
  }
  assert.equal(about("gro", { features: features(), ...taking("generic") }).message, "off");
});

Deno.test("judge() says nothing of XDP where packets have no Ethernet header", () => {
  const bare = { bare: true, nativeXdp: false, xdp: { programId: 42, mode: "native" } };
  const interfaces = [{ wanted: "", facts: done(goodInterface(bare)) }];
  const names = judge({ ...GOOD, interfaces }).filter((one) => one.interface !== null)
    .map(({ check }) => check);
  assert.deepEqual(names, ["interface", "ingress_hook", "egress_hook", "lro", "gro", "tso_gso"]);
});

Deno.test("judge() says which hook record takes for ingress, and why", () => {
  const expected = { kind: "tc", reason: "native XDP would switch off LRO" } as const;
  assert.deepEqual(about("ingress_hook", { expected }), {
    check: "ingress_hook",
    interface: "eth0",
    status: "ok",
    message: "record takes TC: native XDP would switch off LRO",
    fix: null,
  });
});

Deno.test("judge() warns of VLAN tags that are removed only where record does not see them", () => {
  const rxVlan = (kind: "native" | "tc" | "generic") =>
    about("rx_vlan", { features: features("rx-vlan-hw-parse"), expected: { kind, reason: "" } });
  assert.deepEqual(
    (["native", "generic", "tc"] as const).map((kind) => rxVlan(kind).status),
    ["warn", "warn", "ok"],
  );
  assert.match(rxVlan("tc").message, /TC sees them$/);
});

Deno.test("judge() does not advise rxvlan on a veth, where it changes nothing", () => {
  for (const on of [features(), features("rx-vlan-hw-parse")]) {
    const { status, message, fix } = about("rx_vlan", { driver: "veth", features: on });
    assert.deepEqual([status, fix], ["ok", null]);
    assert.match(message, /^TC sees VLAN tags; .*: "txvlan off" there$/);
  }
});

Deno.test("judge() fails a limit of open files that recording does not keep", () => {
  assert.equal(finding("open_files", { descriptors: { needed: 60, limit: 60 } }).status, "ok");
  const { status, message, fix } = finding("open_files", {
    descriptors: { needed: 61, limit: 60 },
  });
  assert.deepEqual([status, message], ["fail", "recording takes 61, the limit is 60"]);
  assert.match(fix ?? "", /"ulimit -n 1024"/);
});

Deno.test("judge() warns of each offload that distorts, and says how to switch it off", () => {
  const lro = about("lro", { features: features("rx-lro") });
  assert.deepEqual([lro.status, lro.fix], [
    "warn",
    'Switch it off with "ethtool -K eth0 lro off"',
  ]);
  const vlan = about("rx_vlan", { features: features("rx-vlan-hw-parse") });
  assert.deepEqual([vlan.status, vlan.fix], [
    "warn",
    'Switch it off with "ethtool -K eth0 rxvlan off"',
  ]);
});

Deno.test("judge() explains segmentation at egress, whichever kind is on", () => {
  for (const kind of ["tcp", "tcp6", "generic", "udp"]) {
    const { status, message } = about("tso_gso", { features: features(`tx-${kind}-segmentation`) });
    assert.equal(status, "ok");
    assert.match(message, /"segments"/);
  }
  assert.equal(about("tso_gso", { features: features() }).message, "off");
});

Deno.test("judge() does not guess offloads that are unknown", () => {
  assert.equal(about("offloads", { features: null }).status, "warn");
});
