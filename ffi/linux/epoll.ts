/**
 * Waiting for several file descriptors at once: epoll(7).
 *
 * @module
 */

import { checkLibc, ERRNO, lastErrno, prepareErrno, SystemError } from "./errno.ts";
import { libc } from "./load_libc.ts";
import { allocate, closedError } from "./native_memory.ts";

/** `sys/epoll.h`. */
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 0x001;

/**
 * `struct epoll_event`: `u32 events` and `u64 data`. Packed on x86-64 only (EPOLL_PACKED in
 * `include/uapi/linux/eventpoll.h`); elsewhere `data` is aligned to 8 bytes.
 */
const EVENT = Deno.build.arch === "x86_64"
  ? { BYTES: 12, events: 0, data: 4 } as const
  : { BYTES: 16, events: 0, data: 8 } as const;

/** Most events that one wait returns; the others come with the next. */
const EVENTS_PER_WAIT = 64;

/** Owner of an epoll instance. */
export class Epoll implements Disposable {
  #fd: number;
  readonly #events = allocate(EVENTS_PER_WAIT * EVENT.BYTES);
  readonly #view = new DataView(this.#events.buffer);

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** @throws {SystemError} if the process has no free fd */
  static create(): Epoll {
    return new Epoll(
      checkLibc("create an epoll instance", (symbols) => symbols.epoll_create1(EPOLL_CLOEXEC)),
    );
  }

  /**
   * Waits for `fd` to become readable, from now on.
   *
   * @param tag what `wait` returns for it, an integer from 0 to 2^32 - 1
   * @throws {SystemError} if the fd cannot be waited for or is added already
   */
  add(fd: number, tag: number): void {
    const event = allocate(EVENT.BYTES);
    const view = new DataView(event.buffer);
    view.setUint32(EVENT.events, EPOLLIN, true);
    view.setUint32(EVENT.data, tag, true);
    const epoll = this.#open();
    checkLibc(
      `wait for file descriptor ${fd}`,
      (symbols) => symbols.epoll_ctl(epoll, EPOLL_CTL_ADD, fd, event),
    );
  }

  /**
   * Blocks the thread until something is ready, but no longer than `timeoutMs` (-1 = no limit).
   * Nothing else runs in this thread meanwhile, and `Worker.terminate` does not interrupt it: keep
   * an {@link EventFd} among the fds.
   *
   * @returns the tags of what is ready; `[]` after the time, or if a signal interrupted it
   * @throws {SystemError} on every other failure
   */
  wait(timeoutMs: number): number[] {
    const epoll = this.#open();
    prepareErrno();
    const count = libc().epoll_wait(epoll, this.#events, EVENTS_PER_WAIT, timeoutMs);
    if (count < 0) {
      const errno = lastErrno();
      if (errno === ERRNO.EINTR) return [];
      throw new SystemError("wait for events", errno);
    }
    const tags: number[] = [];
    for (let index = 0; index < count; index++) {
      tags.push(this.#view.getUint32(index * EVENT.BYTES + EVENT.data, true));
    }
    return tags;
  }

  [Symbol.dispose](): void {
    if (this.#fd < 0) return;
    libc().close(this.#fd);
    this.#fd = -1;
  }

  #open(): number {
    if (this.#fd < 0) throw closedError("Epoll");
    return this.#fd;
  }
}
