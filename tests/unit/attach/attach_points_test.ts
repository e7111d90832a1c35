import assert from "node:assert/strict";
import { libc } from "../../../ffi/linux/load_libc.ts";
import type { NetworkLink } from "../../../ffi/mod.ts";
import { attachPoints, chooseLinks, pointsOf } from "../../../src/attach/attach_points.ts";
import { linkHeader } from "../../../src/attach/link_header.ts";
import { type InspectorError, RunError, UsageError } from "../../../src/core/errors.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();

const TUNNEL = 65534; // ARPHRD_NONE, of a tun device
const CAN = 280; // ARPHRD_CAN

function link(index: number, name: string, more: Partial<NetworkLink> = {}): NetworkLink {
  return {
    index,
    name,
    alternativeNames: [],
    up: true,
    running: true,
    state: "up",
    mtu: 1500,
    type: 1,
    kind: "",
    master: null,
    lower: null,
    xdp: null,
    ...more,
  };
}

const LINKS = [
  link(1, "lo", { type: 772 }),
  link(2, "eth0", { alternativeNames: ["wan", "enp1s0"] }),
  link(3, "eth1", { up: false }),
  link(4, "wg0", { type: TUNNEL }),
  link(5, "2"),
  link(6, "can0", { type: CAN }),
];

function chosen(...names: string[]): string[] {
  return chooseLinks(names, LINKS).links.map(({ name }) => name);
}

function refuses(
  names: readonly string[],
  type: typeof RunError | typeof UsageError,
  message: string,
  hint: string,
  links: readonly NetworkLink[] = LINKS,
): void {
  assert.throws(() => chooseLinks(names, links), (error: InspectorError) => {
    assert(error instanceof type, String(error));
    assert.deepEqual([error.message, error.hint], [message, hint]);
    return true;
  });
}

Deno.test("chooseLinks() finds interfaces by name, alternative name and number, in that order", () => {
  assert.deepEqual(chosen("eth0", "lo"), ["eth0", "lo"]);
  assert.deepEqual(chosen("enp1s0"), ["eth0"]);
  assert.deepEqual(chosen("1"), ["lo"]);
  assert.deepEqual(chosen("2"), ["2"]); // a name goes before another's number
});

Deno.test('chooseLinks() takes for "any" what is up and Ethernet or IP, and names the rest', () => {
  const { links, leftOut } = chooseLinks(["any"], LINKS);
  assert.deepEqual(links.map(({ name }) => name), ["lo", "eth0", "wg0", "2"]);
  assert.deepEqual(leftOut, ["can0"]);
});

Deno.test('chooseLinks() refuses "any" beside another name, and without an interface that is up', () => {
  refuses(
    ["eth0", "any"],
    UsageError,
    'Cannot record on "any" and "eth0": the first includes it',
    'Write "-i any" alone',
  );
  refuses(
    ["any"],
    RunError,
    'Cannot record on "any": no interface is up',
    "Interfaces here: eth1",
    [LINKS[2]!],
  );
});

Deno.test("chooseLinks() refuses two spellings of one interface and names both", () => {
  for (const [one, other] of [["eth0", "wan"], ["wan", "enp1s0"], ["1", "lo"]] as const) {
    refuses(
      [one, other],
      UsageError,
      `Cannot record on "${one}" and "${other}": they are the same interface`,
      "Name each interface once",
    );
  }
});

Deno.test("chooseLinks() refuses an interface that is not here, with near names or a list", () => {
  const message = (name: string) => `Cannot record on "${name}": no such interface here`;
  refuses(["eht0"], RunError, message("eht0"), 'Did you mean "eth0"?');
  refuses(["wam"], RunError, message("wam"), 'Did you mean "wan"?');
  for (const name of ["", ".", "../net/eth0", "99", "tunnel"]) {
    refuses([name], RunError, message(name), "Interfaces here: lo, eth0, eth1, wg0, 2, can0");
  }
  const many = Array.from({ length: 13 }, (_, index) => link(index + 1, `br${index}`));
  const listed = many.slice(0, 12).map(({ name }) => name).join(", ");
  refuses(["wlan0"], RunError, message("wlan0"), `Interfaces here: ${listed}, ...`, many);
});

Deno.test("chooseLinks() refuses an interface that is down and says how to set it up", () => {
  refuses(
    ["eth1"],
    RunError,
    'Cannot record on "eth1": the interface is down',
    'Set it up with "ip link set dev eth1 up"',
  );
});

Deno.test("chooseLinks() refuses an interface whose packets are neither Ethernet nor IP", () => {
  refuses(
    ["can0"],
    RunError,
    'Cannot record on "can0": its packets are neither Ethernet nor IP (link type 280)',
    "Record the interface that carries its packets",
  );
});

Deno.test("attachPoints() makes one point for each direction, by the kernel's name", () => {
  const point = { interface: "lo", ifindex: 1, bare: false };
  assert.deepEqual(attachPoints(["1"], "inout").points, [
    { ...point, direction: "ingress" },
    { ...point, direction: "egress" },
  ]);
  assert.deepEqual(attachPoints(["lo"], "in").points, [{ ...point, direction: "ingress" }]);
  assert.deepEqual(attachPoints(["lo"], "out").points, [{ ...point, direction: "egress" }]);
});

Deno.test("pointsOf() says which packets have no Ethernet header", () => {
  assert.deepEqual(pointsOf(LINKS.slice(0, 4), "in").map(({ bare }) => bare), [
    ...[false, false, false, true],
  ]);
});

Deno.test("linkHeader() knows the link types of Ethernet and of IP, and no other", () => {
  for (const type of [1, 772]) assert.equal(linkHeader({ type }), "ethernet");
  for (const type of [512, 519, 768, 769, 776, 778, 823, 65534]) {
    assert.equal(linkHeader({ type }), "none");
  }
  // InfiniBand, CAN, monitoring of Wi-Fi and of netlink, nothing.
  for (const type of [32, 280, 803, 824, 65535]) assert.equal(linkHeader({ type }), null);
});

Deno.test("attachPoints() takes one direction of loopback unless both are asked for", () => {
  const { points, oneWay } = attachPoints(["lo"], null);
  assert.deepEqual(points, [{ interface: "lo", ifindex: 1, direction: "ingress", bare: false }]);
  assert.equal(oneWay, "lo");
  for (const direction of ["inout", "in", "out"] as const) {
    assert.equal(attachPoints(["lo"], direction).oneWay, null, direction);
  }
  // Nobody has named it: it is there with the others, both ways.
  const any = attachPoints(["any"], null);
  assert.equal(any.oneWay, null);
  assert.equal(any.points.filter(({ ifindex }) => ifindex === 1).length, 2);
});

Deno.test("pointsOf() takes 128 interfaces both ways, or 256 one way, and says so", () => {
  const links = (count: number) => Array.from({ length: count }, (_, n) => link(n + 1, `v${n}`));
  assert.equal(pointsOf(links(128), "inout").length, 256);
  assert.equal(pointsOf(links(256), "out").length, 256);
  const most = "in one recording: at most 128 interfaces both ways, or 256 one way";
  for (
    const [count, direction, hint] of [
      [129, "inout", 'Name fewer of them with -i, or record one way, with "--direction in"'],
      [257, "inout", "Name fewer of them with -i"],
      [257, "in", "Name fewer of them with -i"],
    ] as const
  ) {
    assert.throws(() => pointsOf(links(count), direction), (error: InspectorError) => {
      assert(error instanceof RunError, String(error));
      assert.deepEqual([error.message, error.hint], [
        `Cannot record on ${count} interfaces ${most}`,
        hint,
      ]);
      return true;
    });
  }
});
