/**
 * Confinement of a thread to some directories: landlock(7).
 *
 * @module
 */

import { cString } from "./cstring.ts";
import { checkLibc, ERRNO, lastErrno, prepareErrno, SystemError } from "./errno.ts";
import { libc } from "./load_libc.ts";
import { addressOf, allocate } from "./native_memory.ts";
import { AT_FDCWD, O_CLOEXEC, O_PATH } from "./open_flags.ts";

/** The same on all architectures: `include/uapi/asm-generic/unistd.h`. */
const SYS_CREATE_RULESET = 444n;
const SYS_ADD_RULE = 445n;
const SYS_RESTRICT_SELF = 446n;

/** `include/uapi/linux/landlock.h`. */
const CREATE_RULESET_VERSION = 1n;
const RULE_PATH_BENEATH = 1n;
const ACCESS_FS = {
  WRITE_FILE: 1 << 1,
  REMOVE_DIR: 1 << 4,
  REMOVE_FILE: 1 << 5,
  MAKE_CHAR: 1 << 6,
  MAKE_DIR: 1 << 7,
  MAKE_REG: 1 << 8,
  MAKE_SOCK: 1 << 9,
  MAKE_FIFO: 1 << 10,
  MAKE_BLOCK: 1 << 11,
  MAKE_SYM: 1 << 12,
  REFER: 1 << 13,
  TRUNCATE: 1 << 14,
} as const;

/** All that changes files, by the ABI that introduced it. */
const WRITES = [
  { abi: 1, rights: ["WRITE_FILE", "REMOVE_DIR", "REMOVE_FILE", "MAKE_CHAR", "MAKE_DIR"] },
  { abi: 1, rights: ["MAKE_REG", "MAKE_SOCK", "MAKE_FIFO", "MAKE_BLOCK", "MAKE_SYM"] },
  { abi: 2, rights: ["REFER"] },
  { abi: 3, rights: ["TRUNCATE"] },
] as const;

/** What the directory is for: files are made, written, renamed and removed. */
const USED = ACCESS_FS.WRITE_FILE | ACCESS_FS.REMOVE_FILE | ACCESS_FS.MAKE_REG | ACCESS_FS.TRUNCATE;

/** `include/uapi/linux/prctl.h`. */
const PR_SET_NO_NEW_PRIVS = 38;

/**
 * Lets the calling thread, and all that it starts, write only to files in some directories, and to what
 * is open already. Cannot be undone.
 *
 * @param directories one that cannot be opened counts for nothing; none: to no file at all
 * @returns false if the kernel has no Landlock, or it is switched off or forbidden
 * @throws {SystemError} on every other error
 */
export function confineWrites(directories: readonly string[]): boolean {
  prepareErrno();
  const abi = Number(libc().syscall(SYS_CREATE_RULESET, 0n, 0n, CREATE_RULESET_VERSION, 0n));
  if (abi < 0) {
    const errno = lastErrno();
    // EPERM where a filter of system calls does not know this one, as in older systemd units.
    const isMissing = ([ERRNO.ENOSYS, ERRNO.EOPNOTSUPP, ERRNO.EPERM] as number[]).includes(errno);
    if (isMissing) return false;
    throw new SystemError("ask for Landlock", errno);
  }
  const handled = WRITES.filter((one) => one.abi <= abi).flatMap((one) => one.rights)
    .reduce((rights, name) => rights | ACCESS_FS[name], 0);
  const attributes = allocate(8);
  new DataView(attributes.buffer).setBigUint64(0, BigInt(handled), true);
  const ruleset = checkLibc(
    "make a Landlock ruleset",
    ({ syscall }) =>
      syscall(SYS_CREATE_RULESET, addressOf(attributes), BigInt(attributes.length), 0n, 0n),
  );
  try {
    for (const directory of directories) allow(Number(ruleset), directory, USED & handled);
    // The kernel demands it of who has no CAP_SYS_ADMIN.
    checkLibc("set no_new_privs", ({ prctl }) => prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n));
    checkLibc(
      "confine a thread by Landlock",
      ({ syscall }) => syscall(SYS_RESTRICT_SELF, BigInt(ruleset), 0n, 0n, 0n),
    );
    return true;
  } finally {
    libc().close(Number(ruleset));
  }
}

function allow(ruleset: number, directory: string, rights: number): void {
  const path = cString(directory);
  prepareErrno();
  const fd = libc().openat(AT_FDCWD, path, O_PATH | O_CLOEXEC, 0);
  // Then there is nothing to allow, and whoever wants to write there says so in better words.
  if (fd < 0) return;
  try {
    // `struct landlock_path_beneath_attr`: packed.
    const attributes = allocate(12);
    const view = new DataView(attributes.buffer);
    view.setBigUint64(0, BigInt(rights), true);
    view.setInt32(8, fd, true);
    checkLibc(
      `allow "${directory}"`,
      ({ syscall }) =>
        syscall(SYS_ADD_RULE, BigInt(ruleset), RULE_PATH_BENEATH, addressOf(attributes), 0n),
    );
  } finally {
    libc().close(fd);
  }
}
