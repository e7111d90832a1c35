import assert from "node:assert/strict";
import type { NetworkLink } from "../../../ffi/mod.ts";
import { SystemError } from "../../../ffi/mod.ts";
import { ERRNO } from "../../../ffi/mod.ts";
import { arrivalsOf, type AwaitedAttachment } from "../../../src/attach/waiting.ts";
import { RunError } from "../../../src/core/errors.ts";

function link(index: number, name: string, more: Partial<NetworkLink> = {}): NetworkLink {
  return {
    ...{ index, name, alternativeNames: [], up: true, running: true, state: "up", mtu: 1500 },
    ...{ type: 1, kind: "", master: null, lower: null, xdp: null },
    ...more,
  };
}

function awaited(attachment: number, name: string, ifindex = 0): AwaitedAttachment {
  return { attachment, point: { interface: name, ifindex, direction: "ingress" } };
}

/** What becomes of those that wait, and in which order they are attached. */
function outcome(
  waiting: readonly AwaitedAttachment[],
  links: readonly NetworkLink[],
  place: (name: string) => void = () => {},
  recorded: number[] = [],
) {
  const placed: string[] = [];
  const found = arrivalsOf(waiting, links, (ifindex) => recorded.includes(ifindex), (arrived) => {
    placed.push(...arrived.map(({ attachment, point }) => `${attachment}@${point.ifindex}`));
    place(arrived[0]!.point.interface);
  });
  const told = found.map((one) =>
    one.kind === "arrival" ? `${one.interface} ${one.ifindex}` : `${one.interface}: ${one.reason}`
  );
  return { told, placed };
}

Deno.test("arrivalsOf() attaches what is there, by its name or another one, at its new number", () => {
  const waiting = [
    awaited(0, "eth0", 3),
    awaited(1, "eth0", 3),
    awaited(2, "wan"),
    awaited(3, "x"),
  ];
  const links = [link(1, "lo"), link(9, "eth0"), link(10, "eth1", { alternativeNames: ["wan"] })];
  assert.deepEqual(outcome(waiting, links), {
    told: ["eth0 9", "wan 10"],
    placed: ["0@9", "1@9", "2@10"],
  });
  assert.deepEqual(outcome(waiting, []), { told: [], placed: [] });
});

Deno.test("arrivalsOf() tells whether packets have an Ethernet header now", () => {
  const { point, attachment } = awaited(0, "tun0");
  for (const [type, bare] of [[1, false], [65534, true]] as const) {
    const before = { attachment, point: { ...point, bare: !bare } };
    const found: unknown[] = [];
    arrivalsOf([before], [link(4, "tun0", { type })], () => false, (arrived) => {
      found.push(...arrived.map(({ point }) => point.bare));
    });
    assert.deepEqual(found, [bare]);
  }
});

Deno.test("arrivalsOf() attaches to lower interfaces first", () => {
  const waiting = [awaited(0, "eth0.5"), awaited(1, "eth0")];
  const links = [link(4, "eth0"), link(5, "eth0.5", { lower: 4 })];
  assert.deepEqual(outcome(waiting, links).placed, ["1@4", "0@5"]);
});

Deno.test("arrivalsOf() says why an interface that is there is not recorded", () => {
  const waiting = [awaited(0, "fw0"), awaited(1, "wan"), awaited(2, "eth2")];
  const links = [
    link(4, "fw0", { type: 24 }),
    link(5, "eth1", { alternativeNames: ["wan"] }),
    link(6, "eth2"),
  ];
  const refuse = () => {
    throw new RunError('Cannot attach to "eth2": another XDP program is attached');
  };
  assert.deepEqual(outcome(waiting, links, refuse, [5]).told, [
    "fw0: its packets are neither Ethernet nor IP",
    "wan: it is recorded already, under another name",
    'eth2: cannot attach to "eth2": another XDP program is attached',
  ]);
});

Deno.test("arrivalsOf() says nothing of an interface that has gone again, or changes all the time", () => {
  for (const errno of [ERRNO.ENODEV, ERRNO.EINTR]) {
    const cause = new SystemError("attach", errno);
    for (const error of [cause, new RunError("Cannot attach: a test", { cause })]) {
      const refuse = () => {
        throw error;
      };
      assert.deepEqual(outcome([awaited(0, "eth0")], [link(4, "eth0")], refuse).told, []);
    }
  }
  const cause = new SystemError("attach", ERRNO.EACCES);
  const refuse = () => {
    throw new RunError("Cannot attach: a test", { cause });
  };
  const { told } = outcome([awaited(0, "eth0")], [link(4, "eth0")], refuse);
  assert.deepEqual(told, ["eth0: cannot attach: a test"]);
  const broken = () => {
    throw new TypeError("a defect");
  };
  assert.throws(() => outcome([awaited(0, "eth0")], [link(4, "eth0")], broken), TypeError);
});
