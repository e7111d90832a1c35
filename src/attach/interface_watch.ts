/**
 * Noticing that an interface goes while it is being recorded. The kernel detaches the programs of a
 * deleted interface and tells nobody; an interface in another network namespace is nobody's here.
 *
 * @module
 */
import type { AttachPoint } from "./attach_plan.ts";

/** A program in place. */
export interface WatchedHook extends Pick<AttachPoint, "interface" | "ifindex" | "direction"> {
  /** Number of the hook. */
  readonly slot: number;
  /** Takes the program off its hook, if it is still there. */
  detach(): void;
  /** Whether the program is still in place. */
  isAttached(): boolean;
}

/** What no longer records. */
export interface LostHooks {
  readonly interface: string;
  /** `interface`: it has gone. `program`: somebody has detached our program from it. */
  readonly cause: "interface" | "program";
  readonly hooks: readonly Pick<WatchedHook, "slot" | "direction">[];
}

/** Watches a set of hooks by asking, a few microseconds for each. */
export class InterfaceWatch {
  readonly #exists: (ifindex: number) => boolean;
  #hooks: readonly WatchedHook[];

  /** @param exists whether this network namespace has an interface with that index */
  constructor(hooks: readonly WatchedHook[], exists: (ifindex: number) => boolean) {
    this.#hooks = hooks;
    this.#exists = exists;
  }

  /** Whether nothing is left to watch. */
  get allLost(): boolean {
    return this.#hooks.length === 0;
  }

  /**
   * What was lost since the last call. The programs are off their hooks then: that of an interface
   * which has moved to another network namespace would record there.
   */
  check(): LostHooks[] {
    const lost: LostHooks[] = [];
    for (const [ifindex, hooks] of Map.groupBy(this.#hooks, (hook) => hook.ifindex)) {
      // In this order: a deletion under way still shows the interface, and answers the question after
      // its programs when it is done (both take the lock of rtnetlink).
      const detached = hooks.filter((hook) => !hook.isAttached());
      const exists = this.#exists(ifindex);
      const gone = exists ? detached : hooks;
      if (gone.length === 0) continue;
      for (const hook of gone) hook.detach();
      this.#hooks = this.#hooks.filter((hook) => !gone.includes(hook));
      lost.push({
        interface: gone[0]!.interface,
        cause: exists ? "program" : "interface",
        hooks: gone.map(({ slot, direction }) => ({ slot, direction })),
      });
    }
    return lost;
  }
}
