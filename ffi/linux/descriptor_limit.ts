/**
 * How many descriptors this process may have open: getrlimit(2).
 *
 * @module
 */

import { checkLibc, SystemError } from "./errno.ts";
import { libc } from "./load_libc.ts";
import { allocate } from "./native_memory.ts";

/** `asm-generic/resource.h`, the same on x86-64 and arm64. */
const RLIMIT_NOFILE = 7;
/** `struct rlimit`: two numbers of 64 bits. RLIM_INFINITY, all bits, is not allowed for this one. */
const LIMIT = { BYTES: 16, soft: 0, hard: 8 } as const;

/** `sys/eventfd.h`. */
const EFD_CLOEXEC = 0o2000000;

/** The descriptors that this process may have open at a time. */
export function descriptorLimit(): number {
  return Number(readLimit().getBigUint64(LIMIT.soft, true));
}

/**
 * Raises the limit as far as it goes without a privilege.
 *
 * @returns the limit that holds now
 */
export function raiseDescriptorLimit(): number {
  const view = readLimit();
  view.setBigUint64(LIMIT.soft, view.getBigUint64(LIMIT.hard, true), true);
  try {
    checkLibc(
      "raise the limit of open files",
      ({ setrlimit }) => setrlimit(RLIMIT_NOFILE, new Uint8Array(view.buffer)),
    );
  } catch (error) {
    // A sandbox may forbid it: then what there is has to do.
    if (!(error instanceof SystemError)) throw error;
  }
  return descriptorLimit();
}

/** Whether `count` more descriptors can be opened. */
export function hasSpareDescriptors(count: number): boolean {
  const opened: number[] = [];
  try {
    while (opened.length < count) {
      const fd = libc().eventfd(0, EFD_CLOEXEC);
      if (fd < 0) return false;
      opened.push(fd);
    }
    return true;
  } finally {
    for (const fd of opened) libc().close(fd);
  }
}

function readLimit(): DataView<ArrayBuffer> {
  const limit = allocate(LIMIT.BYTES);
  checkLibc("read the limit of open files", ({ getrlimit }) => getrlimit(RLIMIT_NOFILE, limit));
  return new DataView(limit.buffer);
}
