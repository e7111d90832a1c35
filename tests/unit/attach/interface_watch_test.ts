import assert from "node:assert/strict";
import {
  InterfaceWatch,
  type LinkState,
  type WatchedAttachment,
  type WatchedKernel,
} from "../../../src/attach/interface_watch.ts";

/** A machine with interfaces and hooks whose state the test changes. */
class Machine implements WatchedKernel {
  readonly links = new Map<number, LinkState>();
  /** Attachments whose program is in place. */
  readonly attached = new Set<number>();
  /** What the kernel tells when it is asked next. */
  readonly told: { link: LinkState; gone: "deleted" | "moved" | null }[] = [];
  readonly hooks: WatchedAttachment[] = [];

  hook(attachment: number, name: string, ifindex: number, direction: "ingress" | "egress"): void {
    this.set(ifindex, { name });
    this.attached.add(attachment);
    this.hooks.push({
      attachment,
      interface: name,
      ifindex,
      direction,
      detach: () => void this.attached.delete(attachment),
      isAttached: () => this.attached.has(attachment),
    });
  }

  /** Changes an interface. */
  set(index: number, more: Partial<LinkState>): LinkState {
    const before = this.links.get(index) ?? { index, name: "", up: true, running: true, mtu: 1500 };
    const link = { ...before, ...more };
    this.links.set(index, link);
    return link;
  }

  /** The same, and the kernel tells. */
  tell(index: number, more: Partial<LinkState>): void {
    this.told.push({ link: this.set(index, more), gone: null });
  }

  takeChanges() {
    return this.told.splice(0);
  }

  link(ifindex: number): LinkState | null {
    return this.links.get(ifindex) ?? null;
  }

  watch(): InterfaceWatch {
    return new InterfaceWatch(this, this.hooks);
  }
}

const NOTHING = { changes: [], lost: [] };
const BOTH = [{ attachment: 0, direction: "ingress" }, { attachment: 1, direction: "egress" }];

function machine(): Machine {
  const machine = new Machine();
  machine.hook(0, "eth0", 7, "ingress");
  machine.hook(1, "eth0", 7, "egress");
  machine.hook(2, "eth1", 9, "ingress");
  return machine;
}

Deno.test("InterfaceWatch.check() reports nothing while all is in place", () => {
  const watch = machine().watch();
  assert.deepEqual([watch.check(), watch.check(), watch.allLost], [NOTHING, NOTHING, false]);
});

Deno.test("InterfaceWatch.check() reports an interface that is gone once, with its hooks", () => {
  const all = machine();
  const watch = all.watch();
  // The kernel sets it down, deletes it, and detaches the programs.
  all.tell(7, { up: false, running: false });
  all.told.push({ link: all.links.get(7)!, gone: "deleted" });
  all.links.delete(7);
  all.attached.clear();
  all.attached.add(2);
  const lost = [{ interface: "eth0", cause: "deleted", attachments: BOTH }];
  assert.deepEqual(watch.check(), { changes: [], lost });
  assert.deepEqual([watch.check(), watch.allLost, watch.has(7)], [NOTHING, false, false]);
});

Deno.test("InterfaceWatch.check() takes the programs off an interface that has moved", () => {
  // Their links know it, or the kernel tells.
  for (const isTold of [false, true]) {
    const all = machine();
    const watch = all.watch();
    if (isTold) {
      all.told.push({ link: all.links.get(7)!, gone: "moved" });
      all.attached.delete(0);
      all.attached.delete(1);
    }
    all.links.delete(7);
    const lost = [{ interface: "eth0", cause: "moved", attachments: BOTH }];
    assert.deepEqual(watch.check(), { changes: [], lost });
    assert.deepEqual([...all.attached], [2]);
    assert.deepEqual([watch.check(), watch.allLost], [NOTHING, false]);
  }
});

Deno.test("InterfaceWatch.check() does not take the next interface with that number for it", () => {
  const all = machine();
  const watch = all.watch();
  all.told.push({ link: all.links.get(9)!, gone: "deleted" });
  all.attached.delete(2);
  all.tell(9, { name: "other", mtu: 9000 });
  assert.deepEqual(watch.check(), {
    changes: [],
    lost: [{
      interface: "eth1",
      cause: "deleted",
      attachments: [{ attachment: 2, direction: "ingress" }],
    }],
  });
});

Deno.test("InterfaceWatch.check() tells a detached program from an interface that is gone", () => {
  const all = machine();
  const watch = all.watch();
  all.attached.delete(1);
  assert.deepEqual(watch.check().lost, [{
    interface: "eth0",
    cause: "program",
    attachments: [BOTH[1]],
  }]);
  all.links.delete(7);
  all.attached.delete(0);
  assert.deepEqual(watch.check().lost, [{
    interface: "eth0",
    cause: "deleted",
    attachments: [BOTH[0]],
  }]);
});

Deno.test("InterfaceWatch.check() takes a program that goes with its interface for the latter", () => {
  const all = machine();
  const hook: WatchedAttachment = {
    ...{ attachment: 3, interface: "eth2", ifindex: 11, direction: "ingress", detach: () => {} },
    // The deletion began before this question, and ends before its answer.
    isAttached: () => !all.links.delete(11),
  };
  all.set(11, { name: "eth2" });
  const watch = new InterfaceWatch(all, [hook]);
  assert.deepEqual(watch.check().lost.map(({ cause }) => cause), ["deleted"]);
});

Deno.test("InterfaceWatch.check() tells what has changed, by what is there or what the kernel told", () => {
  for (const how of ["set", "tell"] as const) {
    const all = machine();
    const watch = all.watch();
    const changesAfter = (more: Partial<LinkState>) => {
      all[how](7, more);
      const { changes, lost } = watch.check();
      assert.deepEqual(lost, []);
      assert.ok(changes.every((change) => change.interface === "eth0"));
      return changes.map(({ event, detail }) => `${event} ${detail}`.trim());
    };
    assert.deepEqual(changesAfter({ mtu: 9000 }), ["mtu_changed from 1500 to 9000"]);
    assert.deepEqual(changesAfter({ name: "wan" }), ['renamed to "wan"']);
    assert.deepEqual(changesAfter({ running: false }), ["down no carrier"]);
    assert.deepEqual(changesAfter({ up: false }), []);
    assert.deepEqual(changesAfter({ up: true, running: true }), ["up"]);
    assert.deepEqual(changesAfter({ up: false, running: false }), ["down set down"]);
    assert.deepEqual(changesAfter({}), []);
  }
});

Deno.test("InterfaceWatch.check() tells what was undone before it looked", () => {
  const all = machine();
  const watch = all.watch();
  all.tell(9, { up: false, running: false });
  all.tell(9, { up: true, running: true });
  const events = watch.check().changes.map((change) => `${change.interface} ${change.event}`);
  assert.deepEqual(events, ["eth1 down", "eth1 up"]);
});

Deno.test("InterfaceWatch.add() takes no old message for a change, and forgets none of the others", () => {
  const all = machine();
  const watch = all.watch();
  all.tell(9, { mtu: 1400 });
  all.told.push({
    link: { index: 11, name: "eth2", up: false, running: false, mtu: 1 },
    gone: null,
  });
  all.hook(3, "eth2", 11, "ingress");
  watch.add(all.hooks.slice(3));
  const changes = watch.check().changes.map((change) => `${change.interface} ${change.event}`);
  assert.deepEqual(changes, ["eth1 mtu_changed"]);
  all.set(11, { mtu: 1400 });
  assert.deepEqual(watch.check().changes.map(({ event }) => event), ["mtu_changed"]);
});

Deno.test("InterfaceWatch.add() gives an interface more hooks, and forgets no message of it", () => {
  const all = machine();
  const watch = all.watch();
  all.tell(7, { mtu: 1400 });
  all.tell(7, { mtu: 1500 });
  all.hook(3, "eth0", 7, "ingress");
  all.hook(4, "eth2", 11, "ingress");
  watch.add([all.hooks[3]!]);
  watch.add([all.hooks[4]!]);
  // It is as before: only the messages tell.
  const { changes, lost } = watch.check();
  assert.deepEqual(changes.map(({ interface: name, detail }) => `${name} ${detail}`), [
    "eth0 from 1500 to 1400",
    "eth0 from 1400 to 1500",
  ]);
  assert.deepEqual(lost, []);
  assert.deepEqual(watch.check(), NOTHING);
  all.links.delete(7);
  const [gone, ...others] = watch.check().lost;
  assert.deepEqual(gone?.attachments.map(({ attachment }) => attachment), [0, 1, 3]);
  assert.deepEqual([...all.attached], [2, 4]);
  assert.deepEqual(others, []);
});

Deno.test("InterfaceWatch.allLost is true when nothing is left", () => {
  const all = machine();
  const watch = all.watch();
  all.links.clear();
  all.attached.clear();
  assert.equal(watch.allLost, false); // nobody has asked yet
  assert.deepEqual(watch.check().lost.map((lost) => lost.interface), ["eth0", "eth1"]);
  assert.equal(watch.allLost, true);
});
