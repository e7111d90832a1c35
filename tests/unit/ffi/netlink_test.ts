import assert from "node:assert/strict";
import {
  attribute,
  attributeList,
  attributesOf,
  messagesOf,
  NETLINK_ROUTE,
  NetlinkSocket,
  textAttribute,
  uint32,
  uint64,
} from "../../../ffi/netlink/netlink.ts";
import { parseFilter } from "../../../ffi/netlink/netlink_filters.ts";
import { listNativeXdp } from "../../../ffi/netlink/netlink_features.ts";
import { LinkMonitor } from "../../../ffi/netlink/link_monitor.ts";
import { listLinks, parseLink, parseLinkMessage } from "../../../ffi/netlink/netlink_links.ts";
import { driverName } from "../../../ffi/linux/driver_name.ts";
import { libc } from "../../../ffi/linux/load_libc.ts";
import { failure, replaceNative } from "../../support/native_stand_ins.ts";

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

function words(...values: readonly number[]): Uint8Array {
  return new Uint8Array(new Uint32Array(values).buffer);
}

Deno.test("attributesOf() reads what attribute() writes, padding and flags aside", () => {
  const bytes = concat(
    attribute(1, Uint8Array.of(9)),
    textAttribute(2, "añb"),
    attribute(3 | 0x8000, words(0xffff_fffe)), // NLA_F_NESTED
    attribute(4, words(1, 2)),
  );
  assert.equal(bytes.length % 4, 0);
  const attributes = attributesOf(bytes);
  assert.deepEqual([...attributes.keys()], [1, 2, 3, 4]);
  assert.deepEqual([...attributes.get(1)!], [9]);
  assert.equal(uint32(attributes.get(3)), 0xffff_fffe);
  assert.equal(uint64(attributes.get(4)), 0x2_0000_0001n);
  assert.deepEqual([uint32(attributes.get(9)), uint64(attributes.get(3))], [undefined, undefined]);
});

Deno.test("attributeList() ends at an attribute whose length is wrong", () => {
  const good = attribute(1, words(7));
  for (const length of [0, 3, 100]) {
    const bad = attribute(2, words(8));
    new DataView(bad.buffer).setUint16(0, length, true);
    assert.deepEqual(attributeList(concat(good, bad)).map(([type]) => type), [1]);
  }
  assert.deepEqual(attributeList(good.subarray(0, 3)), []);
});

Deno.test("messagesOf() ends at a message whose length is wrong", () => {
  const message = (length: number) => concat(words(length, 0x0002_0010, 5, 0), words(42));
  const [first, second] = messagesOf(concat(message(20), message(20)));
  assert.deepEqual([first?.type, first?.flags, first?.sequence], [0x10, 2, 5]);
  assert.deepEqual([...second!.payload], [42, 0, 0, 0]);
  for (const length of [0, 15, 21]) {
    assert.equal(messagesOf(concat(message(20), message(length))).length, 1);
  }
});

Deno.test("parseLink() reads names, state and XDP of an interface", () => {
  const info = concat(words(1 << 16, 42, 0x1002, 0)); // ARPHRD_ETHER, no IFF_UP
  const payload = concat(
    info,
    textAttribute(3, "eth0"),
    attribute(4, words(9000)),
    attribute(5, words(11)),
    attribute(10, words(7)),
    attribute(16, Uint8Array.of(2)),
    attribute(18, textAttribute(1, "veth")),
    attribute(
      43,
      concat(attribute(2, Uint8Array.of(4)), attribute(5, words(77)), attribute(6, words(78))),
    ),
    attribute(52, concat(textAttribute(53, "lan"), textAttribute(53, "enp1s0"))),
  );
  assert.deepEqual(parseLink(payload), {
    index: 42,
    name: "eth0",
    alternativeNames: ["lan", "enp1s0"],
    up: false,
    running: false,
    state: "down",
    mtu: 9000,
    type: 1,
    kind: "veth",
    master: 7,
    lower: null, // of a veth it is the other end
    xdp: { programId: 77, mode: "multi" },
  });
});

Deno.test("parseLinkMessage() tells what has gone, and passes over what is about something else", () => {
  const message = (type: number, family: number, ...attributes: Uint8Array[]) => {
    // IFF_UP, and IFF_LOWER_UP.
    const payload = concat(words(family | 1 << 16, 42, 0x1_0001, 0), ...attributes);
    return parseLinkMessage(type, payload);
  };
  const mtu = attribute(4, words(1500));
  const { link, gone } = message(16, 0, mtu)!;
  assert.deepEqual([link.index, link.up, link.running, gone], [42, true, true, null]);
  assert.equal(message(17, 0, mtu)?.gone, "deleted");
  assert.equal(message(17, 0, mtu, attribute(45, words(0)))?.gone, "moved");
  // A port leaves its bridge; a part of the state of a wireless device; a route.
  assert.equal(message(17, 7, mtu), null);
  assert.equal(message(16, 0), null);
  assert.equal(message(24, 0, mtu), null);
  assert.equal(parseLinkMessage(16, new Uint8Array(15)), null);
});

Deno.test("LinkMonitor knows interfaces by their numbers, and never waits for changes", () => {
  using monitor = LinkMonitor.open();
  assert.equal(monitor.link(1)?.name, "lo");
  assert.equal(monitor.link(2_000_000_000), null);
  assert.ok(monitor.takeChanges().length >= 0);
  monitor[Symbol.dispose]();
  assert.throws(() => monitor.takeChanges(), TypeError);
});

Deno.test("NetlinkSocket.take() goes on where the kernel had to throw messages away", () => {
  using socket = NetlinkSocket.open(NETLINK_ROUTE);
  const answers = [-105, 4, -11];
  using _recv = replaceNative(libc(), {
    recv: () => {
      const answer = answers.shift()!;
      return answer < 0 ? BigInt(failure(-answer)) : BigInt(answer);
    },
  });
  assert.deepEqual(socket.take("hear"), []);
  assert.deepEqual(socket.take("hear"), []);
  assert.equal(socket.take("hear"), null);
});

Deno.test("parseLink() tells the interface below from itself, and from one of another namespace", () => {
  const link = (...attributes: Uint8Array[]) =>
    parseLink(concat(words(1 << 16, 42, 0x1002, 0), ...attributes));
  assert.deepEqual([link().lower, link().master], [null, null]);
  assert.equal(link(attribute(5, words(11))).lower, 11);
  assert.equal(link(attribute(5, words(42))).lower, null);
  assert.equal(link(attribute(5, words(11)), attribute(37, words(0))).lower, null);
});

Deno.test("parseFilter() reads handle, priority, name and program of a BPF filter", () => {
  const head = words(0, 12, 0x5849_0001, 0xffff_fff3, (7 << 16) | 0x0300);
  const options = concat(textAttribute(7, "inspect:[9]"), attribute(11, words(9)));
  const payload = concat(head, textAttribute(1, "bpf"), attribute(2, options));
  assert.deepEqual(parseFilter(payload), {
    handle: 0x5849_0001,
    priority: 7,
    kind: "bpf",
    name: "inspect:[9]",
    programId: 9,
  });
  // The options of another classifier mean something else.
  const other = concat(head, textAttribute(1, "u32"), attribute(2, options));
  assert.deepEqual([parseFilter(other).name, parseFilter(other).programId], ["", 0]);
});

Deno.test("listLinks() finds the loopback interface and no driver of it", () => {
  const lo = listLinks().find(({ name }) => name === "lo");
  assert.deepEqual([lo?.index, lo?.type, lo?.xdp], [1, 772, null]);
  assert.equal(driverName("lo"), null);
});

Deno.test("driverName() is null for an unknown and an overlong name", () => {
  assert.deepEqual([driverName("xi-no-such"), driverName("x".repeat(16))], [null, null]);
});

Deno.test("listNativeXdp() says that loopback has none, or that the kernel does not tell", () => {
  assert.notEqual(listNativeXdp().get(1), true);
});

Deno.test("NetlinkSocket throws the kernel's error, and after it was closed", () => {
  const socket = NetlinkSocket.open(NETLINK_ROUTE);
  const unknownLink = new Uint8Array(16);
  new DataView(unknownLink.buffer).setInt32(4, 2 ** 31 - 1, true);
  assert.throws(() => socket.ask("read the interface", 18, unknownLink), {
    name: "SystemError",
    message: "Cannot read the interface: no such device (ENODEV)",
  });
  socket[Symbol.dispose]();
  socket[Symbol.dispose]();
  assert.throws(() => socket.list("list", 18, unknownLink), TypeError);
});
