import assert from "node:assert/strict";
import type { LostAttachments } from "../../../src/attach/interface_watch.ts";
import type { Arrival, Refusal } from "../../../src/attach/waiting.ts";
import type { ChosenAttachment } from "../../../src/contract/attachment.ts";
import { InterfaceLog, type InterfaceNotice } from "../../../src/sources/interface_log.ts";

const SECOND = 1_000_000_000n;

const ATTACHED: readonly ChosenAttachment[] = [
  {
    attachment: 0,
    interface: "eth0",
    direction: "ingress",
    hook: "xdp",
    mode: "native",
    reason: "",
  },
  { attachment: 1, interface: "eth0", direction: "egress", hook: "tcx", mode: "tcx", reason: "" },
  { attachment: 2, interface: "wan", direction: "ingress", hook: "tcx", mode: "tcx", reason: "" },
];

/** A log, and its time: the wall clock and the steady one have different beginnings. */
class Rig {
  readonly log = new InterfaceLog();
  seconds = 0;

  readonly clock = () => ({
    wallNs: BigInt(this.seconds) * SECOND,
    steadyNs: BigInt(this.seconds + 1000) * SECOND,
  });

  lose(cause: LostAttachments["cause"], ...numbers: readonly number[]): InterfaceNotice[] {
    const attachments = numbers.map((attachment) => ATTACHED[attachment]!);
    const name = attachments[0]!.interface;
    return this.log.note(
      { changes: [], lost: [{ interface: name, cause, attachments }] },
      this.clock,
    );
  }

  come(...numbers: readonly number[]): InterfaceNotice[] {
    const attachments = numbers.map((attachment) => {
      const { interface: name, direction } = ATTACHED[attachment]!;
      return { attachment, point: { interface: name, ifindex: 9, direction } };
    });
    const name = attachments[0]!.point.interface;
    return this.arrive({ kind: "arrival", interface: name, ifindex: 9, attachments });
  }

  arrive(...arrivals: readonly (Arrival | Refusal)[]): InterfaceNotice[] {
    return this.log.noteArrivals(arrivals, ATTACHED, this.clock);
  }

  /** Attachments that do not record: number, seconds of the wall clock, and why. */
  get away(): unknown[] {
    return this.log.earlyEnds.map(({ attachment, endedNs, reason }) => {
      return [attachment, Number(endedNs / SECOND), reason];
    });
  }
}

function told(notices: readonly InterfaceNotice[]): string[] {
  return notices.map(({ interface: name, event, detail, time }) => {
    assert.match(time, /^1970-01-01T00:\d\d:\d\d\.000000000Z$/);
    return [time.slice(14, 19), name, event, detail].join(" ").trim();
  });
}

Deno.test("InterfaceLog notes what happens, and which attachments no longer record", () => {
  const rig = new Rig();
  rig.seconds = 5;
  assert.deepEqual(rig.log.note({ changes: [], lost: [] }, rig.clock), []);
  const down = { interface: "eth0", event: "down", detail: "no carrier" } as const;
  const changed = rig.log.note({ changes: [down], lost: [] }, rig.clock);
  assert.deepEqual(told(changed), ["00:05 eth0 down no carrier"]);
  assert.deepEqual(changed[0]!.lost, []);
  assert.deepEqual(rig.away, []);
  rig.seconds = 7;
  const detached = rig.lose("program", 0, 1);
  assert.deepEqual(told(detached), ["00:07 eth0 detached ingress and egress"]);
  assert.deepEqual(detached[0]!.lost.map(({ attachment }) => attachment), [0, 1]);
  rig.seconds = 8;
  assert.deepEqual(told(rig.lose("moved", 2)), ["00:08 wan moved"]);
  assert.deepEqual(rig.away, [[0, 7, "detached"], [1, 7, "detached"], [2, 8, "interface_gone"]]);
  assert.equal(rig.log.all.events.length, 3);
});

Deno.test("InterfaceLog tells those that come for the first time from those that come back, and after how long", () => {
  const rig = new Rig();
  rig.log.await([ATTACHED[2]!], rig.clock());
  assert.deepEqual(rig.away, [[2, 0, "never_came"]]);
  rig.seconds = 10;
  assert.deepEqual(told(rig.come(2)), ["00:10 wan came ingress tcx"]);
  assert.deepEqual(rig.away, []);
  rig.seconds = 20;
  assert.deepEqual(told(rig.lose("deleted", 0, 1)), ["00:20 eth0 deleted"]);
  rig.lose("deleted", 2);
  rig.seconds = 50;
  assert.deepEqual(told(rig.come(0, 1)), [
    "00:50 eth0 came_back after 30.0 s: ingress xdp/native, egress tcx",
  ]);
  assert.deepEqual(rig.away, [[2, 20, "interface_gone"]]);
});

Deno.test("InterfaceLog notes why an interface is refused once, and again after another reason or its coming", () => {
  const rig = new Rig();
  const refuse = (reason: string, name = "wan") => {
    return told(rig.arrive({ kind: "refusal", interface: name, reason }));
  };
  assert.deepEqual(refuse("it is a tun"), ["00:00 wan refused it is a tun"]);
  assert.deepEqual(refuse("it is a tun"), []);
  assert.deepEqual(refuse("it is a tun", "eth0"), ["00:00 eth0 refused it is a tun"]);
  assert.deepEqual(refuse("it is busy"), ["00:00 wan refused it is busy"]);
  rig.come(2);
  assert.deepEqual(refuse("it is busy"), ["00:00 wan refused it is busy"]);
});

Deno.test("InterfaceLog gives each file the events of its time, and keeps all for the report", () => {
  const rig = new Rig();
  const kinds = (list: { events: readonly { event: string }[] }) =>
    list.events.map((one) => one.event);
  rig.lose("deleted", 2);
  assert.deepEqual(kinds(rig.log.takeOfFile()), ["deleted"]);
  rig.come(2);
  assert.deepEqual(kinds(rig.log.takeOfFile()), ["came_back"]);
  assert.deepEqual(kinds(rig.log.takeOfFile()), []);
  assert.deepEqual(kinds(rig.log.all), ["deleted", "came_back"]);
});

Deno.test("InterfaceLog counts the events that are too many to keep, of a file and of all", () => {
  const rig = new Rig();
  const up = { interface: "eth0", event: "up", detail: "" } as const;
  const note = (times: number) => {
    rig.log.note({ changes: Array.from({ length: times }, () => up), lost: [] }, rig.clock);
  };
  note(1003);
  const { events, leftOut } = rig.log.takeOfFile();
  assert.deepEqual([events.length, leftOut], [1000, 3]);
  note(1);
  const next = rig.log.takeOfFile();
  assert.deepEqual([next.events.length, next.leftOut], [1, 0]);
  assert.deepEqual([rig.log.all.events.length, rig.log.all.leftOut], [1000, 4]);
});
