/**
 * What this process may do, read before the kernel has to refuse.
 *
 * @module
 */
import { UnsupportedError } from "../core/errors.ts";

/** Capability numbers of include/uapi/linux/capability.h. */
const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;
const CAP_BPF = 39n;

/**
 * Capabilities that recording needs and `status` lacks. CAP_SYS_ADMIN stands in for CAP_BPF
 * (kernel/bpf/syscall.c, `bpf_capable()`). CAP_PERFMON is not among them: the programs use no
 * tracing helper and no pointer arithmetic that needs it.
 *
 * @param status text of `/proc/<pid>/status` (proc_pid_status(5), field `CapEff`)
 */
export function missingCapabilities(status: string): string[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/mi.exec(status)?.[1] ?? "0"}`);
  const has = (capability: bigint) => (effective >> capability & 1n) === 1n;
  const missing: string[] = [];
  if (!has(CAP_BPF) && !has(CAP_SYS_ADMIN)) missing.push("CAP_BPF");
  if (!has(CAP_NET_ADMIN)) missing.push("CAP_NET_ADMIN");
  return missing;
}

/**
 * @throws {UnsupportedError} if this process cannot load and attach programs
 */
export function requireCapabilities(): void {
  const missing = missingCapabilities(Deno.readTextFileSync("/proc/self/status"));
  if (missing.length === 0) return;
  throw new UnsupportedError(
    `Cannot record without privilege: ${missing.join(" and ")} ${
      missing.length > 1 ? "are" : "is"
    } missing`,
    {
      hint:
        "Run it with sudo, or give the process CAP_BPF and CAP_NET_ADMIN (CAP_PERFMON too where the kernel asks for it)",
    },
  );
}
