/**
 * Noticing that an interface goes while it is being recorded. The kernel detaches the programs of a
 * deleted interface and tells nobody; an interface in another network namespace is nobody's here.
 *
 * @module
 */
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
  /** `interface`: it has gone. `program`: somebody has detached our program from it. */
  readonly cause: "interface" | "program";
  readonly attachments: readonly Pick<WatchedAttachment, "attachment" | "direction">[];
}

/** Watches a set of attachments by asking, a few microseconds for each. */
export class InterfaceWatch {
  readonly #exists: (ifindex: number) => boolean;
  #attachments: readonly WatchedAttachment[];

  /** @param exists whether this network namespace has an interface with that index */
  constructor(attachments: readonly WatchedAttachment[], exists: (ifindex: number) => boolean) {
    this.#attachments = attachments;
    this.#exists = exists;
  }

  /** Whether nothing is left to watch. */
  get allLost(): boolean {
    return this.#attachments.length === 0;
  }

  /**
   * What was lost since the last call. The programs are off their hooks then: that of an interface
   * which has moved to another network namespace would record there.
   */
  check(): LostAttachments[] {
    const lost: LostAttachments[] = [];
    for (const [ifindex, attachments] of Map.groupBy(this.#attachments, (one) => one.ifindex)) {
      // In this order: a deletion under way still shows the interface, and answers the question after
      // its programs when it is done (both take the lock of rtnetlink).
      const detached = attachments.filter((one) => !one.isAttached());
      const exists = this.#exists(ifindex);
      const gone = exists ? detached : attachments;
      if (gone.length === 0) continue;
      for (const one of gone) one.detach();
      this.#attachments = this.#attachments.filter((one) => !gone.includes(one));
      lost.push({
        interface: gone[0]!.interface,
        cause: exists ? "program" : "interface",
        attachments: gone.map(({ attachment, direction }) => ({ attachment, direction })),
      });
    }
    return lost;
  }
}
