/**
 * What the facts mean for a recording. Pure.
 *
 * @module
 */
import type { ProgramName } from "../attach/hook_kind.ts";
import { descriptorHint, type DescriptorNeed } from "../attach/descriptor_need.ts";
import { refusalHint } from "../core/confinement.ts";
import type { CheckFinding, CheckStatus } from "../contract/check_finding.ts";
import { formatBytes } from "../core/quantity.ts";
import type { PreflightFacts, Probe } from "./facts.ts";
import { judgeInterface } from "./judge_interface.ts";

const CAPABILITIES = ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"] as const;

/** What the kernel grants by the first user namespace only: include/linux/capability.h. */
const NOT_BY_NAMESPACE: readonly string[] = ["CAP_BPF", "CAP_PERFMON"];

/** The first kernel with XDP programs for frames in several buffers. */
const MULTI_BUFFER_KERNEL = [5, 18] as const;

/** Less space than this is soon full. */
const LITTLE_SPACE = 2 ** 30;
/** Less space than this does not hold the segments of a busy half minute. */
const NO_SPACE = 2 ** 26;

const PROGRAM_CHECKS: Readonly<Record<ProgramName, string>> = {
  inspect_xdp: "xdp_program",
  inspect_tc_ingress: "tc_ingress_program",
  inspect_tc_egress: "tc_egress_program",
};

/** All findings: first about the machine, then about each interface. */
export function judge(facts: PreflightFacts): CheckFinding[] {
  return [
    ...judgePrivileges(facts),
    judgeDescriptors(facts.descriptors),
    judgeKernel(facts.kernelRelease),
    judgeTypes(facts),
    fromProbe("libbpf", facts.libbpf, (version) => `libbpf ${version}`),
    fromProbe("ring_buffer", facts.ring, (bytes) => `${formatBytes(bytes)} could be made`),
    ...judgePrograms(facts),
    judgeXdpLink(facts),
    judgeEgress(facts),
    fromProbe("duckdb", facts.duckdb, (version) => `DuckDB ${version} starts`),
    judgeOutput(facts.output),
    judgeLeftovers(facts.leftovers),
    ...facts.interfaces.flatMap(judgeInterface),
  ];
}

function judgePrivileges({ confinement }: PreflightFacts): CheckFinding[] {
  const fix = refusalHint(confinement);
  return CAPABILITIES.map((name) => {
    const check = name.toLowerCase();
    if (confinement.missingCapabilities.includes(name)) {
      return machine(check, "fail", `${name} is missing`, fix);
    }
    if (confinement.inUserNamespace && NOT_BY_NAMESPACE.includes(name)) {
      return machine(check, "fail", `${name} holds in a user namespace only`, fix);
    }
    return machine(check, "ok", `${name} is there`);
  });
}

function judgeDescriptors({ needed, limit }: DescriptorNeed): CheckFinding {
  return needed <= limit ? machine("open_files", "ok", `${limit} are allowed`) : machine(
    "open_files",
    "fail",
    `recording takes ${needed}, the limit is ${limit}`,
    descriptorHint(needed),
  );
}

function judgeKernel(release: string): CheckFinding {
  const [, major = "0", minor = "0"] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  const [wantedMajor, wantedMinor] = MULTI_BUFFER_KERNEL;
  const isNewEnough = Number(major) > wantedMajor ||
    (Number(major) === wantedMajor && Number(minor) >= wantedMinor);
  return isNewEnough
    ? machine("kernel", "ok", `Linux ${release}`)
    : machine("kernel", "warn", `Linux ${release} is too old for XDP`, "Use Linux 5.18 or newer");
}

function judgeTypes({ kernelTypes, programs }: PreflightFacts): CheckFinding {
  if (kernelTypes !== null) return machine("btf", "ok", `"${kernelTypes}" is there`);
  const loads = Object.values(programs).every(({ result }) => result === "done");
  return machine(
    "btf",
    loads ? "warn" : "fail",
    "this kernel has no type information (BTF)",
    "Use a kernel built with CONFIG_DEBUG_INFO_BTF=y",
  );
}

function judgePrograms({ programs }: PreflightFacts): CheckFinding[] {
  // Without XDP, "--mode auto" records at TC.
  const hasTc = programs.inspect_tc_ingress.result === "done";
  return Object.entries(PROGRAM_CHECKS).map(([name, check]) => {
    const probe = programs[name as ProgramName];
    const failed = name === "inspect_xdp" && hasTc ? "warn" : "fail";
    return fromProbe(check, probe, () => `the kernel loads "${name}"`, failed);
  });
}

function judgeXdpLink({ attach, programs }: PreflightFacts): CheckFinding {
  // Links of XDP programs came with Linux 5.9, long before what our program takes.
  if (attach.xdp.result === "skipped" && programs.inspect_xdp.result === "done") {
    return machine("xdp_link", "ok", `this kernel has it; not tried: ${attach.xdp.reason}`);
  }
  return fromProbe("xdp_link", attach.xdp, () => "attached, and detached again", "warn");
}

function judgeEgress({ attach: { egress } }: PreflightFacts): CheckFinding {
  if (egress.result === "done" && egress.value === "clsact") {
    return machine(
      "tcx",
      "warn",
      "no TCX: a clsact filter is used, which stays on the interface after SIGKILL",
      "Use Linux 6.6 or newer",
    );
  }
  return fromProbe("tcx", egress, () => "the kernel has TCX");
}

function judgeOutput({ path, freeBytes }: PreflightFacts["output"]): CheckFinding {
  if (freeBytes.result !== "done") return fromProbe("output", freeBytes, () => "");
  const free = freeBytes.value;
  const message = `${formatBytes(free)} free for "${path}"`;
  if (free >= LITTLE_SPACE) return machine("output", "ok", message);
  const fix = "Make room, or choose another path with --output";
  return machine("output", free < NO_SPACE ? "fail" : "warn", message, fix);
}

function judgeLeftovers([directory]: PreflightFacts["leftovers"]): CheckFinding {
  return directory === undefined
    ? machine("leftovers", "ok", "no killed recorder has left packets beside the output")
    : machine(
      "leftovers",
      "warn",
      `a recorder that was killed has left packets in "${directory}"`,
      `Make a file of them by xdp-inspector recover "${directory}"`,
    );
}

function fromProbe<T>(
  check: string,
  probe: Probe<T>,
  message: (value: T) => string,
  failed: CheckStatus = "fail",
): CheckFinding {
  switch (probe.result) {
    case "done":
      return machine(check, "ok", message(probe.value));
    case "failed":
      return machine(check, failed, probe.reason, probe.hint);
    case "skipped":
      return machine(check, "warn", `not tried: ${probe.reason}`);
  }
}

function machine(
  check: string,
  status: CheckStatus,
  message: string,
  fix: string | null = null,
): CheckFinding {
  return { check, interface: null, status, message, fix };
}
