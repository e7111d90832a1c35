/** The parts of ffi/ that only `check` uses and that need root. */
import assert from "node:assert/strict";
import {
  inPrivateNetwork,
  listLinks,
  LOOPBACK_IFINDEX,
  SystemError,
  tryRing,
} from "../../ffi/mod.ts";
import { openDescriptors, threadNetworks } from "../support/open_descriptors.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
tryRing(1);

Deno.test("inPrivateNetwork() is a place with nothing but loopback, and comes back", () => {
  const own = Deno.readLinkSync("/proc/thread-self/ns/net");
  const [inside, links] = inPrivateNetwork(() => [
    Deno.readLinkSync("/proc/thread-self/ns/net"),
    listLinks().map(({ index, name, up }) => ({ index, name, up })),
  ]);
  assert.notEqual(inside, own);
  assert.deepEqual(links, [{ index: LOOPBACK_IFINDEX, name: "lo", up: false }]);
  assert.equal(Deno.readLinkSync("/proc/thread-self/ns/net"), own);
  // The namespace ends with the last thread in it.
  const networks = threadNetworks();
  assert.ok(networks.includes(own));
  assert.ok(!networks.includes(inside));
});

Deno.test("inPrivateNetwork() comes back from an error too", () => {
  const own = Deno.readLinkSync("/proc/thread-self/ns/net");
  assert.throws(() => inPrivateNetwork(() => assert.fail("inside")), /inside/);
  assert.equal(Deno.readLinkSync("/proc/thread-self/ns/net"), own);
});

Deno.test("inPrivateNetwork() leaves no descriptor open", () => {
  const open = () => openDescriptors(/^net:/).length;
  const before = open();
  inPrivateNetwork(() => assert.equal(open(), before + 1));
  for (let round = 0; round < 5; round++) inPrivateNetwork(() => undefined);
  assert.equal(open(), before);
});

Deno.test("tryRing() gives the ring back, and the kernel's error for a wrong size", () => {
  const open = () => openDescriptors(/^anon_inode:bpf-map$/).length;
  const before = open();
  tryRing(1 << 13);
  assert.equal(open(), before);
  assert.throws(
    () => tryRing(0),
    (error) => error instanceof SystemError && error.code === "EINVAL",
  );
});
