/**
 * Tells what happens to interfaces while they are being recorded.
 *
 * @module
 */
import { notices } from "../../core/notices.ts";
import { printable } from "../../core/printable.ts";
import { formatCount } from "../../core/quantity.ts";
import type { InterfaceNotice } from "../../sources/interface_log.ts";
import type { LiveCapture } from "../../sources/live_capture.ts";

/** How often the kernel is asked, in milliseconds. */
const INTERVAL_MS = 1000;

/** What is asked of a capture. */
export type Watched = Pick<LiveCapture, "look" | "packetsOf" | "hasLostAll">;

/** Asks once a second from construction to disposal. */
export class WatchedInterfaces implements Disposable {
  /** Resolves when no interface is left. */
  readonly allLost: Promise<void>;
  readonly #capture: Watched;
  readonly #waits: boolean;
  readonly #timer: ReturnType<typeof setInterval>;
  #resolve!: () => void;

  /**
   * @param capture one that has started
   * @param waits whether an interface that has gone is waited for
   */
  constructor(capture: Watched, waits: boolean) {
    this.#capture = capture;
    this.#waits = waits;
    this.allLost = new Promise((resolve) => this.#resolve = resolve);
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS);
  }

  #look(): void {
    for (const notice of this.#capture.look()) {
      const packets = this.#capture.packetsOf(notice.lost);
      notices.say(`${noticeLine(notice, packets, this.#waits)}\n`);
    }
    if (this.#capture.hasLostAll) this.#resolve();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/**
 * `eth0: the interface has disappeared, its 1,234 packets are kept`.
 *
 * @param packets of what is lost
 * @param waits whether an interface that has gone is waited for
 */
export function noticeLine(
  notice: InterfaceNotice,
  packets: number,
  waits: boolean,
): string {
  const [name, detail] = [printable(notice.interface), printable(notice.detail)];
  const kept = `its ${formatCount(packets)} ${packets === 1 ? "packet is" : "packets are"} kept`;
  const next = waits ? ", waiting for it to come back" : "";
  switch (notice.event) {
    case "down":
      return detail === "no carrier"
        ? `${name}: the interface has lost its carrier`
        : `${name}: the interface was set down`;
    case "up":
      return `${name}: the interface is up`;
    case "renamed":
      return `${name}: the interface was renamed ${detail}, and is recorded as "${name}"`;
    case "mtu_changed":
      return `${name}: the MTU was changed ${detail}`;
    case "moved":
      return `${name}: the interface has moved to another network namespace, ${kept}${next}`;
    case "deleted":
      return `${name}: the interface has disappeared, ${kept}${next}`;
    case "detached":
      return `${name} ${detail}: somebody has detached the program, ${kept}`;
    case "came":
      return `${name}: the interface has come, recording ${detail}`;
    case "came_back":
      return `${name}: the interface is back ${detail}`;
    case "refused":
      return `${name}: the interface has come, but ${detail}; trying again`;
  }
}
