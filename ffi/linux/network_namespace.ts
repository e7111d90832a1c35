/**
 * A network namespace for a moment: a place to try something out where it disturbs nobody.
 *
 * @module
 */

import { cString } from "./cstring.ts";
import { checkLibc } from "./errno.ts";
import { libc } from "./load_libc.ts";
import { AT_FDCWD, O_CLOEXEC, O_RDONLY } from "./open_flags.ts";

/** `sched.h`. */
const CLONE_NEWNET = 0x40000000;

/** Index of the loopback interface, the only one of a new namespace: `include/net/net_namespace.h`. */
export const LOOPBACK_IFINDEX = 1;

/**
 * Runs `action` with this thread in a network namespace of its own, which holds nothing but a loopback
 * interface that is down. The kernel removes it with the last thread in it, so that nothing stays,
 * however the process ends. Other threads keep their namespace.
 *
 * @param action must be done when it returns: no promise, no timer
 * @throws {SystemError} `EPERM` without CAP_SYS_ADMIN
 */
export function inPrivateNetwork<T>(action: () => T): T {
  const path = cString("/proc/thread-self/ns/net");
  const own = checkLibc(
    "open the network namespace",
    ({ openat }) => openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0),
  );
  try {
    checkLibc("make a network namespace", ({ unshare }) => unshare(CLONE_NEWNET));
    try {
      return action();
    } finally {
      checkLibc(
        "go back to the network namespace",
        ({ setns }) => setns(own, CLONE_NEWNET),
      );
    }
  } finally {
    libc().close(own);
  }
}
