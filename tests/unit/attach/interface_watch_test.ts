import assert from "node:assert/strict";
import { InterfaceWatch, type WatchedAttachment } from "../../../src/attach/interface_watch.ts";

/** A machine with hooks whose state the test changes. */
class Machine {
  readonly interfaces = new Set<number>();
  /** Attachments whose program is in place. */
  readonly attached = new Set<number>();
  readonly #hooks: WatchedAttachment[] = [];

  hook(attachment: number, name: string, ifindex: number, direction: "ingress" | "egress"): void {
    this.interfaces.add(ifindex);
    this.attached.add(attachment);
    this.#hooks.push({
      attachment,
      interface: name,
      ifindex,
      direction,
      detach: () => void this.attached.delete(attachment),
      isAttached: () => this.attached.has(attachment),
    });
  }

  watch(): InterfaceWatch {
    return new InterfaceWatch(this.#hooks, (ifindex) => this.interfaces.has(ifindex));
  }
}

function machine(): Machine {
  const machine = new Machine();
  machine.hook(0, "eth0", 7, "ingress");
  machine.hook(1, "eth0", 7, "egress");
  machine.hook(2, "eth1", 9, "ingress");
  return machine;
}

Deno.test("InterfaceWatch.check() reports nothing while all is in place", () => {
  const watch = machine().watch();
  assert.deepEqual([watch.check(), watch.check(), watch.allLost], [[], [], false]);
});

Deno.test("InterfaceWatch.check() reports an interface that has gone once, with its hooks", () => {
  const all = machine();
  const watch = all.watch();
  all.interfaces.delete(7);
  assert.deepEqual(watch.check(), [{
    interface: "eth0",
    cause: "interface",
    attachments: [{ attachment: 0, direction: "ingress" }, { attachment: 1, direction: "egress" }],
  }]);
  // Programs of an interface in another network namespace are still in place: they must go.
  assert.deepEqual([...all.attached], [2]);
  assert.deepEqual([watch.check(), watch.allLost], [[], false]);
});

Deno.test("InterfaceWatch.check() tells a detached program from an interface that has gone", () => {
  const all = machine();
  const watch = all.watch();
  all.attached.delete(1);
  assert.deepEqual(watch.check(), [{
    interface: "eth0",
    cause: "program",
    attachments: [{ attachment: 1, direction: "egress" }],
  }]);
  all.interfaces.delete(7);
  assert.deepEqual(
    watch.check().map(({ attachments }) => attachments.map(({ attachment }) => attachment)),
    [[0]],
  );
});

Deno.test("InterfaceWatch.check() takes a program that goes with its interface for the latter", () => {
  const all = machine();
  const hook: WatchedAttachment = {
    ...{ attachment: 3, interface: "eth2", ifindex: 11, direction: "ingress", detach: () => {} },
    // The deletion began before this question, and ends before its answer.
    isAttached: () => !all.interfaces.delete(11),
  };
  all.interfaces.add(11);
  const watch = new InterfaceWatch([hook], (ifindex) => all.interfaces.has(ifindex));
  assert.deepEqual(watch.check().map(({ cause }) => cause), ["interface"]);
});

Deno.test("InterfaceWatch.allLost is true when nothing is left", () => {
  const all = machine();
  const watch = all.watch();
  all.interfaces.clear();
  assert.equal(watch.allLost, false); // nobody has asked yet
  assert.deepEqual(watch.check().map((lost) => lost.interface), ["eth0", "eth1"]);
  assert.equal(watch.allLost, true);
});
