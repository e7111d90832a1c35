/**
 * The right to the clsact filters of one direction of an interface, so that a filter whose maker still runs
 * is told from one that a killed process has left.
 *
 * @module
 */

import { cString } from "../linux/cstring.ts";
import { checkLibc, ERRNO, SystemError } from "../linux/errno.ts";
import { libc } from "../linux/load_libc.ts";
import { allocate } from "../linux/native_memory.ts";
import { AT_FDCWD, O_CLOEXEC, O_WRONLY } from "../linux/open_flags.ts";

type Direction = "ingress" | "egress";

/**
 * A file of the network namespace that only root and CAP_NET_ADMIN may open, and nobody to read
 * (`ipv4_route_netns_table` in net/ipv4/route.c, `net_ctl_permissions` in net/sysctl_net.c): what takes
 * no privilege could be taken by anybody, to keep the recorder off. Nothing is ever written to it.
 */
const LOCK_FILE = "/proc/sys/net/ipv4/route/flush";

/** `fcntl.h`, the same on x86-64 and arm64. */
const F_OFD_SETLK = 37;
const F_WRLCK = 1;
/** `struct flock` where `off_t` has 64 bits; positions count from the start of the file. */
const FLOCK = { BYTES: 32, type: 0, start: 8, length: 16 } as const;

/** `sys/socket.h`, `sys/un.h`. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;

/** Held from {@link FilterClaim.take} to disposal. The kernel frees it however the process ends. */
export class FilterClaim implements Disposable {
  #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** @throws {SystemError} `EADDRINUSE` if another process, or this one, has it */
  static take(ifindex: number, direction: Direction): FilterClaim {
    const operation = `claim the ${direction} filter of interface ${ifindex}`;
    return new FilterClaim(
      lockByte(operation, 2 * ifindex + (direction === "egress" ? 1 : 0)) ??
        bindName(operation, `xdp-inspector/${ifindex}/${direction}`),
    );
  }

  /** @returns null if another process, or this one, has it */
  static tryTake(ifindex: number, direction: Direction): FilterClaim | null {
    try {
      return FilterClaim.take(ifindex, direction);
    } catch (error) {
      if (error instanceof SystemError && error.errno === ERRNO.EADDRINUSE) return null;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    if (this.#fd < 0) return;
    libc().close(this.#fd);
    this.#fd = -1;
  }
}

/**
 * A lock on a byte of the file, of the descriptor and not of the process: fcntl(2), "Open file
 * description locks".
 *
 * @returns null if the file cannot be opened: in a container it is often read-only
 */
function lockByte(operation: string, byte: number): number | null {
  const path = cString(LOCK_FILE);
  const fd = libc().openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
  if (fd < 0) return null;
  const lock = allocate(FLOCK.BYTES);
  const view = new DataView(lock.buffer);
  view.setInt16(FLOCK.type, F_WRLCK, true);
  view.setBigInt64(FLOCK.start, BigInt(byte), true);
  view.setBigInt64(FLOCK.length, 1n, true);
  try {
    checkLibc(operation, ({ fcntl_lock }) => fcntl_lock(fd, F_OFD_SETLK, lock));
    return fd;
  } catch (error) {
    libc().close(fd);
    const isTaken = error instanceof SystemError &&
      ([ERRNO.EAGAIN, ERRNO.EACCES] as number[]).includes(error.errno);
    throw isTaken ? new SystemError(operation, ERRNO.EADDRINUSE) : error;
  }
}

/** A name for an abstract Unix socket, which the kernel keeps within the network namespace: unix(7). */
function bindName(operation: string, text: string): number {
  const fd = checkLibc(
    "open a socket",
    ({ socket }) => socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0),
  );
  try {
    const name = new TextEncoder().encode(text);
    // `struct sockaddr_un`: the family, then a NUL and the name, which the length ends.
    const address = allocate(3 + name.length);
    new DataView(address.buffer).setUint16(0, AF_UNIX, true);
    address.set(name, 3);
    checkLibc(operation, ({ bind }) => bind(fd, address, address.length));
    return fd;
  } catch (error) {
    libc().close(fd);
    throw error;
  }
}
