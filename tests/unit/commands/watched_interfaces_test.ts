import assert from "node:assert/strict";
import { noticeLine, WatchedInterfaces } from "../../../src/commands/record/watched_interfaces.ts";
import type { InterfaceEventKind } from "../../../src/contract/interface_event.ts";
import { FakeIntervals } from "../../support/fake_intervals.ts";

function line(event: InterfaceEventKind, detail = "", packets = 0, waits = false): string {
  const notice = { time: "", interface: "veth1", event, detail, lost: [] };
  return noticeLine(notice, packets, waits);
}

Deno.test("noticeLine() names the interface, what happened to it, and what is kept", () => {
  const waiting = ", waiting for it to come back";
  for (
    const [found, wanted] of [
      [line("deleted", "", 1234), "the interface has disappeared, its 1,234 packets are kept"],
      [
        line("deleted", "", 1, true),
        `the interface has disappeared, its 1 packet is kept${waiting}`,
      ],
      [
        line("moved", "", 2),
        "the interface has moved to another network namespace, its 2 packets are kept",
      ],
      [line("down", "set down"), "the interface was set down"],
      [line("down", "no carrier"), "the interface has lost its carrier"],
      [line("up"), "the interface is up"],
      [
        line("renamed", 'to "wan"'),
        'the interface was renamed to "wan", and is recorded as "veth1"',
      ],
      [line("mtu_changed", "from 1500 to 9000"), "the MTU was changed from 1500 to 9000"],
      [line("came", "ingress tcx"), "the interface has come, recording ingress tcx"],
      [line("came_back", "after 2 s: ingress tcx"), "the interface is back after 2 s: ingress tcx"],
      [line("refused", "it is a tun"), "the interface has come, but it is a tun; trying again"],
    ] as const
  ) assert.equal(found, `veth1: ${wanted}`);
  assert.equal(
    line("detached", "egress", 1, true),
    "veth1 egress: somebody has detached the program, its 1 packet is kept",
  );
});

Deno.test("noticeLine() shows a hostile interface name harmlessly", () => {
  const hostile = "\x1b[2J";
  const notice = {
    time: "",
    interface: hostile,
    event: "renamed",
    detail: hostile,
    lost: [],
  } as const;
  const line = noticeLine(notice, 0, false);
  assert.match(line, /^\\x1b\[2J: .* renamed \\x1b\[2J, /);
  assert.ok(!line.includes("\x1b"));
});

Deno.test("WatchedInterfaces looks once a second, from construction to disposal", async () => {
  using intervals = FakeIntervals.install();
  let asked = 0;
  const state = { hasLostAll: false };
  const capture = {
    look: () => (asked++, []),
    packetsOf: () => 0,
    get hasLostAll() {
      return state.hasLostAll;
    },
  };
  const watched = new WatchedInterfaces(capture, false);
  let isOver = false;
  void watched.allLost.then(() => isOver = true);
  assert.deepEqual(intervals.running, [1000]);
  intervals.pass();
  intervals.pass();
  assert.equal(asked, 2);
  await Promise.resolve();
  assert.equal(isOver, false);
  state.hasLostAll = true;
  intervals.pass();
  await watched.allLost;
  watched[Symbol.dispose]();
  assert.deepEqual(intervals.running, []);
});
