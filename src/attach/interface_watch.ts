/**
 * Noticing what happens to interfaces while they are recorded. The kernel detaches the programs of a
 * deleted interface and tells nobody; an interface in another network namespace is nobody's here.
 *
 * @module
 */
import type { LinkMessage, NetworkLink } from "../../ffi/mod.ts";
import type { AttachPoint } from "./attach_points.ts";

/** A program in place. */
export interface WatchedAttachment
  extends Pick<AttachPoint, "interface" | "ifindex" | "direction"> {
  /** Number of the attachment. */
  readonly attachment: number;
  /** Takes the program off its hook, if it is still there. */
  detach(): void;
  /** Whether the program is still in place. */
  isAttached(): boolean;
}

/** What no longer records. */
export interface LostAttachments {
  readonly interface: string;
  /** `program`: somebody has detached our program from it. */
  readonly cause: "deleted" | "moved" | "program";
  readonly attachments: readonly Pick<WatchedAttachment, "attachment" | "direction">[];
}

/** What has changed of an interface that is still recorded. */
export interface InterfaceChange {
  readonly interface: string;
  readonly event: "down" | "up" | "renamed" | "mtu_changed";
  readonly detail: string;
}

/** What was noticed, in order. */
export interface Noticed {
  readonly changes: readonly InterfaceChange[];
  readonly lost: readonly LostAttachments[];
}

/** What of an interface is compared. */
export type LinkState = Pick<NetworkLink, "index" | "name" | "up" | "running" | "mtu">;

/** The kernel, as far as it is asked. */
export interface WatchedKernel {
  /** What it told since the last call; some may be missing. */
  takeChanges(): readonly {
    readonly link: LinkState;
    readonly gone: LinkMessage["gone"];
  }[];
  /** How it is now; null = no such interface here. */
  link(ifindex: number): LinkState | null;
}

/** One interface with programs of ours. */
interface Watched {
  readonly name: string;
  attachments: readonly WatchedAttachment[];
  state: LinkState | null;
}

/** Watches a set of attachments by asking, some microseconds for each. */
export class InterfaceWatch {
  readonly #kernel: WatchedKernel;
  readonly #interfaces = new Map<number, Watched>();
  /** What the kernel told and nobody has looked at. */
  #told: ReturnType<WatchedKernel["takeChanges"]> = [];

  constructor(kernel: WatchedKernel, attachments: readonly WatchedAttachment[] = []) {
    this.#kernel = kernel;
    this.add(attachments);
  }

  /** Whether nothing is left to watch. */
  get allLost(): boolean {
    return this.#interfaces.size === 0;
  }

  /** Whether an interface is watched. */
  has(ifindex: number): boolean {
    return this.#interfaces.has(ifindex);
  }

  /** Watches more, from how they are now. */
  add(attachments: readonly WatchedAttachment[]): void {
    const indexes = new Set(attachments.map(({ ifindex }) => ifindex));
    // What was told of them is older than what they are asked now.
    this.#told = [...this.#told, ...this.#kernel.takeChanges()]
      .filter(({ link }) => !indexes.has(link.index) || this.has(link.index));
    for (const [ifindex, added] of Map.groupBy(attachments, (one) => one.ifindex)) {
      const known = this.#interfaces.get(ifindex);
      if (known !== undefined) known.attachments = [...known.attachments, ...added];
      else {
        const state = this.#kernel.link(ifindex);
        this.#interfaces.set(ifindex, { name: added[0]!.interface, attachments: added, state });
      }
    }
  }

  /**
   * What has happened since the last call. What was lost is off its hooks then: the program of an
   * interface which has moved to another network namespace would record there.
   */
  check(): Noticed {
    const changes: InterfaceChange[] = [];
    const lost: LostAttachments[] = [];
    const told = Map.groupBy(
      [...this.#told, ...this.#kernel.takeChanges()],
      ({ link }) => link.index,
    );
    this.#told = [];
    for (const [ifindex, watched] of this.#interfaces) {
      const messages = told.get(ifindex) ?? [];
      // In this order: a deletion under way still shows the interface, and answers the question after
      // its programs when it is done (both take the lock of rtnetlink).
      const detached = watched.attachments.filter((one) => !one.isAttached());
      const now = this.#kernel.link(ifindex);
      const toldGone = messages.find(({ gone }) => gone !== null)?.gone ?? null;
      if (now !== null && toldGone === null) {
        const states = [...messages.map(({ link }) => link), now];
        for (const state of states) changes.push(...this.#changesTo(watched, state));
      }
      const isGone = now === null || toldGone !== null;
      const gone = isGone ? watched.attachments : detached;
      if (gone.length === 0) continue;
      // With its programs in place it is alive elsewhere.
      const isMoved = toldGone === "moved" || detached.length < watched.attachments.length;
      for (const one of gone) one.detach();
      watched.attachments = watched.attachments.filter((one) => !gone.includes(one));
      if (watched.attachments.length === 0) this.#interfaces.delete(ifindex);
      lost.push({
        interface: watched.name,
        cause: !isGone ? "program" : isMoved ? "moved" : "deleted",
        attachments: gone.map(({ attachment, direction }) => ({ attachment, direction })),
      });
    }
    return { changes, lost };
  }

  #changesTo(watched: Watched, now: LinkState): InterfaceChange[] {
    const { name, state: before } = watched;
    watched.state = now;
    if (before === null) return [];
    const changes: InterfaceChange[] = [];
    const add = (event: InterfaceChange["event"], detail: string) => {
      changes.push({ interface: name, event, detail });
    };
    if (before.name !== now.name) add("renamed", `to "${now.name}"`);
    if (before.mtu !== now.mtu) add("mtu_changed", `from ${before.mtu} to ${now.mtu}`);
    if (before.running && !now.running) add("down", now.up ? "no carrier" : "set down");
    if (!before.running && now.running) add("up", "");
    return changes;
  }
}
