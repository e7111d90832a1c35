/**
 * What a process may do, read before the kernel has to refuse.
 *
 * @module
 */

/** Bit numbers of capabilities: include/uapi/linux/capability.h. */
const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;
const CAP_PERFMON = 38n;
const CAP_BPF = 39n;

/** What to do about missing capabilities. */
export const PRIVILEGE_HINT =
  "Run it with sudo, or give the process CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN";

/**
 * Capabilities that recording needs and `status` lacks. CAP_SYS_ADMIN stands in for CAP_BPF and
 * CAP_PERFMON (include/linux/capability.h, `bpf_capable()` and `perfmon_capable()`). CAP_PERFMON is
 * among them because without it the verifier refuses the parser's packet pointer arithmetic
 * (kernel/bpf/verifier.c, `allow_ptr_leaks`).
 *
 * @param status text of `/proc/<pid>/status` (proc_pid_status(5), field `CapEff`)
 */
export function missingCapabilities(status: string): string[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/mi.exec(status)?.[1] ?? "0"}`);
  const has = (capability: bigint) => (effective >> capability & 1n) === 1n;
  const missing: string[] = [];
  if (!has(CAP_BPF) && !has(CAP_SYS_ADMIN)) missing.push("CAP_BPF");
  if (!has(CAP_PERFMON) && !has(CAP_SYS_ADMIN)) missing.push("CAP_PERFMON");
  if (!has(CAP_NET_ADMIN)) missing.push("CAP_NET_ADMIN");
  return missing;
}

/** {@linkcode missingCapabilities} of this process. */
export function ownMissingCapabilities(): string[] {
  return missingCapabilities(Deno.readTextFileSync("/proc/self/status"));
}
