/**
 * Machines as the probes of `check` could find them.
 *
 * @module
 */
import type { InterfaceFacts, PreflightFacts, Probe } from "../../src/preflight/facts.ts";

/** A probe that gave `value`. */
export function done<T>(value: T): Probe<T> {
  return { result: "done", value };
}

/** A probe that failed. */
export function failed(reason: string, hint?: string): Probe<never> {
  return { result: "failed", reason, hint };
}

/** A probe that was not tried. */
export function skipped(reason: string): Probe<never> {
  return { result: "skipped", reason };
}

/** Features by the kernel's names; what is not named is off. */
export function features(...on: readonly string[]): ReadonlyMap<string, boolean> {
  const off = ["rx-lro", "rx-gro", "rx-gro-hw", "rx-vlan-hw-parse", "tx-tcp-segmentation"];
  return new Map([
    ...off.map((name) => [name, false] as const),
    ...on.map((name) => [name, true] as const),
  ]);
}

/** An interface with nothing to say against it. */
export function goodInterface(change: Partial<InterfaceFacts> = {}): InterfaceFacts {
  return {
    name: "eth0",
    state: "up",
    mtu: 1500,
    driver: "ixgbe",
    bare: false,
    nativeXdp: true,
    xdp: null,
    egressPrograms: [],
    features: features("rx-gro", "tx-generic-segmentation"),
    expected: { kind: "native", reason: "native XDP switches no offload off" },
    ...change,
  };
}

/** A machine with nothing to say against it. */
export function goodMachine(change: Partial<PreflightFacts> = {}): PreflightFacts {
  return {
    confinement: {
      missingCapabilities: [],
      isRoot: true,
      inUserNamespace: false,
      hasSeccompFilter: false,
    },
    descriptors: { needed: 60, limit: 1024 },
    kernelRelease: "6.18.44-amd64",
    kernelTypes: "/sys/kernel/btf/vmlinux",
    libbpf: done("1.1"),
    ring: done(2 ** 26),
    programs: {
      inspect_xdp: done(true),
      inspect_tc_ingress: done(true),
      inspect_tc_egress: done(true),
    },
    attach: { xdp: done(true), egress: done("tcx") },
    duckdb: done("1.5.5"),
    output: { path: "traffic.parquet", freeBytes: done(2 ** 36) },
    leftovers: [],
    interfaces: [{ wanted: "", facts: done(goodInterface()) }],
    ...change,
  };
}

/** A container without privilege, and two interfaces of which one is not there. */
export function poorMachine(): PreflightFacts {
  const lacking = skipped("CAP_BPF, CAP_PERFMON missing");
  return goodMachine({
    confinement: {
      missingCapabilities: ["CAP_BPF", "CAP_PERFMON"],
      isRoot: true,
      inUserNamespace: false,
      hasSeccompFilter: true,
    },
    descriptors: { needed: 60, limit: 40 },
    kernelRelease: "5.10.0-30-amd64",
    kernelTypes: null,
    ring: lacking,
    programs: { inspect_xdp: lacking, inspect_tc_ingress: lacking, inspect_tc_egress: lacking },
    attach: { xdp: lacking, egress: lacking },
    duckdb: failed("Cannot start DuckDB: no such file"),
    output: { path: "traffic.parquet", freeBytes: done(2 ** 20) },
    leftovers: ["/var/lib/traffic"],
    interfaces: [
      {
        wanted: "eth0",
        facts: done(goodInterface({
          state: "lower layer down",
          driver: null,
          nativeXdp: false,
          xdp: { programId: 7, mode: "generic" },
          egressPrograms: [8, 9],
          features: features("rx-lro", "rx-gro", "rx-vlan-hw-parse"),
          expected: { kind: "tc", reason: "native XDP is not possible: the driver has none" },
        })),
      },
      {
        wanted: "eth9",
        facts: failed('Cannot record on "eth9": no such interface here', 'Did you mean "eth0"?'),
      },
    ],
  });
}
