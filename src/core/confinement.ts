/**
 * Why the kernel refuses BPF, as far as a process can see: capabilities, user namespaces, seccomp.
 *
 * @module
 */
import { missingCapabilities, PRIVILEGE_HINT } from "./capabilities.ts";

/** The one line of `/proc/self/uid_map` in the first user namespace: user_namespaces(7). */
const ALL_USERS = /^\s*0\s+0\s+4294967295\s*$/;

/** What limits a process. */
export interface Confinement {
  /** Of those that recording needs: `missingCapabilities` of capabilities.ts. */
  readonly missingCapabilities: readonly string[];
  /** Whether the user is root, perhaps only of a container. */
  readonly isRoot: boolean;
  /**
   * Whether its capabilities hold in a user namespace only. BPF asks for those of the first one
   * (`bpf_capable()` in include/linux/capability.h).
   */
  readonly inUserNamespace: boolean;
  /** Whether a seccomp filter decides about its system calls. */
  readonly hasSeccompFilter: boolean;
}

/**
 * @param status text of `/proc/<pid>/status` (proc_pid_status(5), fields `CapEff`, `Uid`, `Seccomp`)
 * @param uidMap text of `/proc/<pid>/uid_map`
 */
export function confinementOf(status: string, uidMap: string): Confinement {
  return {
    missingCapabilities: missingCapabilities(status),
    // The second of four user ids is the effective one.
    isRoot: /^Uid:\s*\d+\s+0\s/m.test(status),
    inUserNamespace: uidMap.trim() !== "" && !ALL_USERS.test(uidMap.trim()),
    // SECCOMP_MODE_FILTER in include/uapi/linux/seccomp.h.
    hasSeccompFilter: /^Seccomp:\s*2$/m.test(status),
  };
}

/** {@linkcode confinementOf} this process. */
export function ownConfinement(): Confinement {
  return confinementOf(
    Deno.readTextFileSync("/proc/self/status"),
    Deno.readTextFileSync("/proc/self/uid_map"),
  );
}

/** What to do about BPF that the kernel refuses to such a process. */
export function refusalHint(confinement: Confinement): string {
  const { missingCapabilities, isRoot, inUserNamespace, hasSeccompFilter } = confinement;
  if (inUserNamespace && isRoot) {
    return "This root is one of a user namespace, as in a rootless container: run it as root of the host";
  }
  if (missingCapabilities.length > 0) {
    return isRoot
      ? "This root lacks capabilities, as in a container: run it on the host, or start the container with --cap-add for BPF, PERFMON and NET_ADMIN"
      : PRIVILEGE_HINT;
  }
  if (hasSeccompFilter) {
    return "A seccomp filter can forbid bpf(), as in a container: run it on the host, or start the container with a profile that allows bpf()";
  }
  return "The capabilities are there: kernel lockdown, a security module or a container forbids it; see the kernel log";
}
