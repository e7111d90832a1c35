/**
 * Tells of interfaces that go while they are being recorded.
 *
 * @module
 */
import type { LostAttachments } from "../../attach/interface_watch.ts";
import { notices } from "../../core/notices.ts";
import { printable } from "../../core/printable.ts";
import { formatCount } from "../../core/quantity.ts";
import type { LiveCapture } from "../../sources/live_capture.ts";

/** How often the kernel is asked, in milliseconds. */
const INTERVAL_MS = 1000;

/** What is asked of a capture. */
export type Watched = Pick<LiveCapture, "takeLostAttachments" | "packetsOf" | "hasLostAll">;

/** Asks once a second from construction to disposal. */
export class LostInterfaces implements Disposable {
  /** Resolves when no interface is left. */
  readonly all: Promise<void>;
  readonly #capture: Watched;
  readonly #timer: ReturnType<typeof setInterval>;
  #resolveAll!: () => void;

  /** @param capture one that has started */
  constructor(capture: Watched) {
    this.#capture = capture;
    this.all = new Promise((resolve) => this.#resolveAll = resolve);
    this.#timer = setInterval(() => this.#check(), INTERVAL_MS);
  }

  #check(): void {
    for (const lost of this.#capture.takeLostAttachments()) {
      notices.say(`${lossLine(lost, this.#capture.packetsOf(lost.attachments))}\n`);
    }
    if (this.#capture.hasLostAll) this.#resolveAll();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** `eth0: the interface has disappeared, its 1,234 packets are kept`. */
export function lossLine(lost: LostAttachments, packets: number): string {
  const name = printable(lost.interface);
  const kept = `its ${formatCount(packets)} ${packets === 1 ? "packet is" : "packets are"} kept`;
  if (lost.cause === "interface") return `${name}: the interface has disappeared, ${kept}`;
  const directions = lost.attachments.map(({ direction }) => direction).join(" and ");
  return `${name} ${directions}: somebody has detached the program, ${kept}`;
}
