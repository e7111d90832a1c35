/**
 * The socket by which a service tells its manager how it is: sd_notify(3).
 *
 * @module
 */

import { checkLibc, SystemError } from "./errno.ts";
import { libc } from "./load_libc.ts";
import { addressOf, allocate } from "./native_memory.ts";

/** `sys/socket.h`, `sys/un.h`. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** `struct sockaddr_un` without its path, and the longest path. */
const FAMILY_BYTES = 2;
const MAX_PATH_BYTES = 107;

/** `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`. */
const SYS_CONNECT = Deno.build.arch === "x86_64" ? 42n : 203n;

/** A connection to a service manager. */
export class NotifySocket implements Disposable {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * @param address value of `NOTIFY_SOCKET`: a path, or a name behind `@` that no file has (unix(7))
   * @returns null if it is of another kind, or nobody listens there: a service runs without that too
   */
  static connect(address: string): NotifySocket | null {
    const path = new TextEncoder().encode(address);
    if (!/^[/@]./.test(address) || path.length > MAX_PATH_BYTES) return null;
    if (address.startsWith("@")) path[0] = 0;
    const name = allocate(FAMILY_BYTES + path.length);
    new DataView(name.buffer).setUint16(0, AF_UNIX, true);
    name.set(path, FAMILY_BYTES);
    const type = SOCK_DGRAM | SOCK_CLOEXEC;
    const fd = checkLibc("make a socket", ({ socket }) => socket(AF_UNIX, type, 0));
    try {
      checkLibc(
        `connect to "${address}"`,
        ({ syscall }) => syscall(SYS_CONNECT, BigInt(fd), addressOf(name), BigInt(name.length), 0n),
      );
      return new NotifySocket(fd);
    } catch (error) {
      libc().close(fd);
      if (error instanceof SystemError) return null;
      throw error;
    }
  }

  /** Sends assignments, one a line. Waits for nobody: what cannot be sent is not said. */
  say(text: string): void {
    const bytes = new TextEncoder().encode(text);
    libc().send(this.#fd, bytes, BigInt(bytes.length), MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  [Symbol.dispose](): void {
    libc().close(this.#fd);
  }
}
