import assert from "node:assert/strict";
import { Epoll } from "../../../ffi/linux/epoll.ts";
import { EventFd } from "../../../ffi/linux/event_fd.ts";
import { libc } from "../../../ffi/linux/load_libc.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();

/** Whether the process has a file open under this number. */
function isOpen(fd: number): boolean {
  try {
    Deno.readLinkSync(`/proc/self/fd/${fd}`);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function isSet(event: EventFd): boolean {
  using epoll = Epoll.create();
  epoll.add(event.fd, 1);
  return epoll.wait(0).length > 0;
}

Deno.test("EventFd is not set when it is new", () => {
  using event = EventFd.create();
  assert.equal(isSet(event), false);
});

Deno.test("EventFd.signal() sets it until clear()", () => {
  using event = EventFd.create();
  event.signal();
  event.signal();
  assert.equal(isSet(event), true);
  event.clear();
  assert.equal(isSet(event), false);
});

Deno.test("EventFd.clear() does nothing when it is not set", () => {
  using event = EventFd.create();
  event.clear();
  event.clear();
  assert.equal(isSet(event), false);
});

Deno.test("EventFd closes its fd, and may be closed twice", () => {
  const event = EventFd.create();
  const fd = event.fd;
  assert.equal(isOpen(fd), true);
  event[Symbol.dispose]();
  assert.equal(isOpen(fd), false);
  event[Symbol.dispose]();
});

Deno.test("EventFd throws when it is used after closing", () => {
  const event = EventFd.create();
  event[Symbol.dispose]();
  const closed = { name: "TypeError", message: "Cannot use EventFd: it is closed" };
  assert.throws(() => event.fd, closed);
  assert.throws(() => event.signal(), closed);
  assert.throws(() => event.clear(), closed);
});

Deno.test("EventFd.borrow() signals the owner's flag and leaves it open", () => {
  using event = EventFd.create();
  const borrowed = EventFd.borrow(event.fd);
  borrowed.signal();
  borrowed[Symbol.dispose]();
  assert.equal(isSet(event), true);
  assert.throws(() => borrowed.signal(), { message: "Cannot use EventFd: it is closed" });
});
