/**
 * A flag that wakes a thread out of {@link Epoll.wait}: eventfd(2).
 *
 * @module
 */

import { checkLibc, ERRNO, lastErrno, prepareErrno, SystemError } from "./errno.ts";
import { libc } from "./load_libc.ts";
import { allocate, closedError } from "./native_memory.ts";

/** `sys/eventfd.h`. */
const EFD_CLOEXEC = 0o2000000;
const EFD_NONBLOCK = 0o4000;

/** Reads and writes are of one u64. */
const VALUE_BYTES = 8;

/** A flag that is set or not. Fds are numbers of the whole process, so threads can share one. */
export class EventFd implements Disposable {
  #fd: number;
  readonly #owned: boolean;
  readonly #value = allocate(VALUE_BYTES);

  private constructor(fd: number, owned: boolean) {
    this.#fd = fd;
    this.#owned = owned;
  }

  /**
   * A new flag, not set.
   *
   * @throws {SystemError} if the process has no free fd
   */
  static create(): EventFd {
    const fd = checkLibc(
      "create an event file descriptor",
      (symbols) => symbols.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
    );
    return new EventFd(fd, true);
  }

  /** The flag that another thread created with the number `fd`; closing this leaves it open. */
  static borrow(fd: number): EventFd {
    return new EventFd(fd, false);
  }

  get fd(): number {
    if (this.#fd < 0) throw closedError("EventFd");
    return this.#fd;
  }

  /** Sets the flag. It stays set until `clear`. */
  signal(): void {
    this.#value.fill(0);
    this.#value[0] = 1;
    this.#transfer("set an event", "write");
  }

  /** Clears the flag; does nothing if it is not set. */
  clear(): void {
    this.#transfer("clear an event", "read");
  }

  [Symbol.dispose](): void {
    if (this.#fd < 0) return;
    if (this.#owned) libc().close(this.#fd);
    this.#fd = -1;
  }

  #transfer(operation: string, call: "read" | "write"): void {
    const fd = this.fd;
    prepareErrno();
    const result = libc()[call](fd, this.#value, BigInt(VALUE_BYTES));
    if (result >= 0n) return;
    const errno = lastErrno();
    // Nothing to clear, or the counter behind the flag is full: then it is set.
    if (errno !== ERRNO.EAGAIN) throw new SystemError(operation, errno);
  }
}
