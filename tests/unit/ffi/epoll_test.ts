import assert from "node:assert/strict";
import { Epoll } from "../../../ffi/linux/epoll.ts";
import { EventFd } from "../../../ffi/linux/event_fd.ts";
import { libc } from "../../../ffi/linux/load_libc.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();

Deno.test("Epoll.wait() returns nothing when the time is over", () => {
  using event = EventFd.create();
  using epoll = Epoll.create();
  epoll.add(event.fd, 1);
  const start = performance.now();
  assert.deepEqual(epoll.wait(20), []);
  assert.ok(performance.now() - start >= 19);
});

Deno.test("Epoll.wait() returns the tags of all that is ready, up to 2^32 - 1", () => {
  using first = EventFd.create();
  using second = EventFd.create();
  using idle = EventFd.create();
  using epoll = Epoll.create();
  epoll.add(first.fd, 0);
  epoll.add(second.fd, 0xffff_ffff);
  epoll.add(idle.fd, 7);
  first.signal();
  second.signal();
  assert.deepEqual(epoll.wait(1000).sort(), [0, 0xffff_ffff]);
});

Deno.test("Epoll.wait() returns a level-triggered fd as long as it is readable", () => {
  using event = EventFd.create();
  using epoll = Epoll.create();
  epoll.add(event.fd, 3);
  event.signal();
  assert.deepEqual(epoll.wait(1000), [3]);
  assert.deepEqual(epoll.wait(0), [3]);
  event.clear();
  assert.deepEqual(epoll.wait(0), []);
});

Deno.test("Epoll.wait() in a Worker ends when another thread signals", async () => {
  using event = EventFd.create();
  const ffi = new URL("../../../ffi/mod.ts", import.meta.url).href;
  const text = `
    import { Epoll } from ${JSON.stringify(ffi)};
    self.onmessage = ({ data }) => {
      using epoll = Epoll.create();
      epoll.add(data, 5);
      self.postMessage("waiting");
      self.postMessage(epoll.wait(30_000));
      self.close();
    };
    self.postMessage("loaded");
  `;
  const url = URL.createObjectURL(new Blob([text], { type: "application/javascript" }));
  const worker = new Worker(url, { type: "module" });
  const answers: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    worker.onerror = (error) => reject(new Error(error.message));
    worker.onmessage = ({ data }) => {
      if (data === "loaded") worker.postMessage(event.fd);
      else if (data === "waiting") event.signal();
      else {
        answers.push(data);
        resolve();
      }
    };
  });
  worker.terminate();
  URL.revokeObjectURL(url);
  assert.deepEqual(answers, [[5]]);
});

Deno.test("Epoll.add() throws for an fd that cannot be waited for", () => {
  using epoll = Epoll.create();
  assert.throws(() => epoll.add(1_000_000, 1), {
    name: "SystemError",
    code: "EBADF",
    message: "Cannot wait for file descriptor 1000000: bad file descriptor (EBADF)",
  });
});

Deno.test("Epoll may be closed twice and throws when it is used after that", () => {
  const epoll = Epoll.create();
  epoll[Symbol.dispose]();
  epoll[Symbol.dispose]();
  const closed = { name: "TypeError", message: "Cannot use Epoll: it is closed" };
  assert.throws(() => epoll.wait(0), closed);
  assert.throws(() => epoll.add(0, 0), closed);
});
