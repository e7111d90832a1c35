/**
 * Which programs are at the TCX hooks of an interface, and whether the kernel has such hooks.
 *
 * @module
 */

import { ERRNO, SystemError } from "../linux/errno.ts";
import { libbpf } from "./load_libbpf.ts";
import { checkPrivileged } from "../linux/privilege.ts";

/** Values of `enum bpf_attach_type` (Linux 6.6): `include/uapi/linux/bpf.h`. */
export const BPF_TCX = { ingress: 46, egress: 47 } as const;

/** Most programs at one hook: BPF_MPROG_MAX in `include/linux/bpf_mprog.h`. */
const MAX_PROGRAMS = 64;

/**
 * Kernel-wide ids of the programs at a TCX hook of the interface with index `ifindex`, in the order in
 * which they run; undefined if this kernel has no TCX (before Linux 6.6).
 *
 * @throws {UnsupportedError} if CAP_NET_ADMIN is missing
 * @throws {SystemError} `ENODEV` if there is no such interface
 */
export function queryTcx(
  ifindex: number,
  direction: "ingress" | "egress",
): number[] | undefined {
  const ids = new Uint32Array(new ArrayBuffer(4 * MAX_PROGRAMS));
  const count = new Uint32Array(new ArrayBuffer(4));
  count[0] = MAX_PROGRAMS;
  const result = libbpf().bpf_prog_query(ifindex, BPF_TCX[direction], 0, null, ids, count);
  // An attach type that the kernel does not know (kernel/bpf/syscall.c, bpf_prog_query), or knows and
  // was built without (include/net/tcx.h).
  if (result === -ERRNO.EINVAL) return undefined;
  checkPrivileged(`ask which TCX programs are on interface ${ifindex}`, result);
  return [...ids.subarray(0, count[0])];
}

/**
 * Whether this kernel has TCX, asked of the interface with index `ifindex`.
 *
 * @throws {UnsupportedError} if CAP_NET_ADMIN is missing
 */
export function hasTcx(ifindex: number): boolean {
  try {
    return queryTcx(ifindex, "egress") !== undefined;
  } catch (error) {
    // Only a kernel that knows the hook looks for the interface.
    if (error instanceof SystemError) return true;
    throw error;
  }
}
