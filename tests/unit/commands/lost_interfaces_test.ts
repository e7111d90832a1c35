import assert from "node:assert/strict";
import { lossLine, LostInterfaces } from "../../../src/commands/record/lost_interfaces.ts";
import { FakeIntervals } from "../../support/fake_intervals.ts";

const ATTACHMENTS = [{ attachment: 0, direction: "ingress" }, {
  attachment: 1,
  direction: "egress",
}] as const;

Deno.test("lossLine() names the interface, what happened to it, and what is kept", () => {
  assert.equal(
    lossLine({ interface: "veth1", cause: "interface", attachments: ATTACHMENTS }, 1234),
    "veth1: the interface has disappeared, its 1,234 packets are kept",
  );
  assert.equal(
    lossLine({ interface: "veth1", cause: "program", attachments: ATTACHMENTS.slice(1) }, 1),
    "veth1 egress: somebody has detached the program, its 1 packet is kept",
  );
});

Deno.test("lossLine() shows a hostile interface name harmlessly", () => {
  const line = lossLine({ interface: "\x1b[2J", cause: "interface", attachments: ATTACHMENTS }, 0);
  assert.match(line, /^\\x1b\[2J: /);
});

Deno.test("LostInterfaces asks once a second, from construction to disposal", () => {
  using intervals = FakeIntervals.install();
  let asked = 0;
  const capture = {
    takeLostAttachments: () => (asked++, []),
    packetsOf: () => 0,
    hasLostAll: false,
  };
  const lost = new LostInterfaces(capture);
  assert.deepEqual(intervals.running, [1000]);
  intervals.pass();
  intervals.pass();
  assert.equal(asked, 2);
  lost[Symbol.dispose]();
  assert.deepEqual(intervals.running, []);
});
