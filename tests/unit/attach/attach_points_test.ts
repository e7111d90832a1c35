import assert from "node:assert/strict";
import type { NetworkLink } from "../../../ffi/mod.ts";
import { attachPoints, chooseLinks } from "../../../src/attach/attach_points.ts";
import { type InspectorError, RunError, UsageError } from "../../../src/core/errors.ts";

const TUNNEL = 65534; // ARPHRD_NONE, of a tun device

function link(index: number, name: string, more: Partial<NetworkLink> = {}): NetworkLink {
  return {
    index,
    name,
    alternativeNames: [],
    up: true,
    state: "up",
    mtu: 1500,
    type: 1,
    kind: "",
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

Deno.test('chooseLinks() takes for "any" what is up and has Ethernet headers, and names the rest', () => {
  const { links, leftOut } = chooseLinks(["any"], LINKS);
  assert.deepEqual(links.map(({ name }) => name), ["lo", "eth0", "2"]);
  assert.deepEqual(leftOut, ["wg0"]);
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
    refuses([name], RunError, message(name), "Interfaces here: lo, eth0, eth1, wg0, 2");
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

Deno.test("chooseLinks() refuses an interface whose packets have no Ethernet header", () => {
  refuses(
    ["wg0"],
    RunError,
    'Cannot record on "wg0": its packets have no Ethernet header (link type 65534)',
    "Record the interface that carries its packets",
  );
});

Deno.test("attachPoints() makes one point for each direction, by the kernel's name", () => {
  const point = { interface: "lo", ifindex: 1 };
  assert.deepEqual(attachPoints(["1"], "inout").points, [
    { ...point, direction: "ingress" },
    { ...point, direction: "egress" },
  ]);
  assert.deepEqual(attachPoints(["lo"], "in").points, [{ ...point, direction: "ingress" }]);
  assert.deepEqual(attachPoints(["lo"], "out").points, [{ ...point, direction: "egress" }]);
});
