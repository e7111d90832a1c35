/**
 * Waiting until no BPF program that has started earlier is still running.
 *
 * @module
 */

import { checkLibbpf, ERRNO, lastErrno, prepareErrno, SystemError } from "../linux/errno.ts";
import { BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_ARRAY_OF_MAPS } from "./kernel_features.ts";
import { withCapabilities } from "../linux/capability_set.ts";
import { libbpf } from "./load_libbpf.ts";
import { libc } from "../linux/load_libc.ts";
import { allocate } from "../linux/native_memory.ts";

/**
 * Number of the system call, which the C library does not wrap:
 * `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`.
 */
const SYS_MEMBARRIER = Deno.build.arch === "x86_64" ? 324n : 283n;

/** `include/uapi/linux/membarrier.h`. */
const MEMBARRIER_CMD_QUERY = 0n;
const MEMBARRIER_CMD_GLOBAL = 1n << 0n;

/** `struct bpf_map_create_opts`: `bpf/bpf.h`. */
const MAP_OPTIONS = { BYTES: 48, sz: 0, inner_map_fd: 24 } as const;

/**
 * Returns once every BPF program that was running when it was called has ended: after a detach, or
 * a change of settings, no program still works with what was before.
 *
 * XDP and TC programs run inside an RCU read-side critical section, and membarrier's global command
 * is `synchronize_rcu()` (`kernel/sched/membarrier.c`). A kernel that was booted with `nohz_full`
 * refuses that command; there a map in a map is replaced, which waits in the same way
 * (`kernel/bpf/syscall.c`, `maybe_wait_bpf_programs`).
 *
 * Takes some milliseconds, and blocks the thread.
 */
export function synchronizeRcu(): void {
  prepareErrno();
  if (libc().syscall(SYS_MEMBARRIER, MEMBARRIER_CMD_GLOBAL, 0n, 0n, 0n) === 0n) return;
  const errno = lastErrno();
  if (errno !== ERRNO.EINVAL && errno !== ERRNO.ENOSYS) {
    throw new SystemError("wait for running BPF programs", errno);
  }
  withCapabilities(["BPF"], synchronizeByMapUpdate);
}

/** Whether {@linkcode synchronizeRcu} needs CAP_BPF on this kernel: it then makes maps. */
export function rcuWaitNeedsBpf(): boolean {
  const commands = libc().syscall(SYS_MEMBARRIER, MEMBARRIER_CMD_QUERY, 0n, 0n, 0n);
  return commands < 0n || (commands & MEMBARRIER_CMD_GLOBAL) === 0n;
}

/** The other way to wait, for kernels where membarrier cannot. Exported for its test. */
export function synchronizeByMapUpdate(): void {
  const operation = "wait for running BPF programs";
  const symbols = libbpf();
  const inner = checkLibbpf(
    operation,
    symbols.bpf_map_create(BPF_MAP_TYPE_ARRAY, null, 4, 4, 1, null),
  );
  let outer = -1;
  try {
    const opts = allocate(MAP_OPTIONS.BYTES);
    const view = new DataView(opts.buffer);
    view.setBigUint64(MAP_OPTIONS.sz, BigInt(MAP_OPTIONS.BYTES), true);
    view.setUint32(MAP_OPTIONS.inner_map_fd, inner, true);
    outer = checkLibbpf(
      operation,
      symbols.bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, null, 4, 4, 1, opts),
    );
    const value = allocate(4);
    new DataView(value.buffer).setInt32(0, inner, true);
    checkLibbpf(operation, symbols.bpf_map_update_elem(outer, allocate(4), value, 0n));
  } finally {
    if (outer >= 0) libc().close(outer);
    libc().close(inner);
  }
}
