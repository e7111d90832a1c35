/**
 * Tells of interfaces that go while they are being recorded.
 *
 * @module
 */
import type { LostHooks } from "../../attach/interface_watch.ts";
import { notices } from "../../core/notices.ts";
import { printable } from "../../core/printable.ts";
import type { Recording } from "../../recorder/recording.ts";
import { formatCount } from "../../core/quantity.ts";

/** How often the kernel is asked, in milliseconds. */
const INTERVAL_MS = 1000;

/** What is asked of a recording. */
export type Watched = Pick<Recording, "takeLostHooks" | "packetsOf" | "hasLostAllHooks">;

/** Asks once a second from construction to disposal. */
export class LostInterfaces implements Disposable {
  /** Resolves when no interface is left. */
  readonly all: Promise<void>;
  readonly #recording: Watched;
  readonly #timer: ReturnType<typeof setInterval>;
  #resolveAll!: () => void;

  /** @param recording one that is attached */
  constructor(recording: Watched) {
    this.#recording = recording;
    this.all = new Promise((resolve) => this.#resolveAll = resolve);
    this.#timer = setInterval(() => this.#check(), INTERVAL_MS);
  }

  #check(): void {
    for (const lost of this.#recording.takeLostHooks()) {
      notices.say(`${lossLine(lost, this.#recording.packetsOf(lost.hooks))}\n`);
    }
    if (this.#recording.hasLostAllHooks) this.#resolveAll();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** `eth0: the interface has disappeared, its 1,234 packets are kept`. */
export function lossLine(lost: LostHooks, packets: number): string {
  const name = printable(lost.interface);
  const kept = `its ${formatCount(packets)} ${packets === 1 ? "packet is" : "packets are"} kept`;
  if (lost.cause === "interface") return `${name}: the interface has disappeared, ${kept}`;
  const directions = lost.hooks.map(({ direction }) => direction).join(" and ");
  return `${name} ${directions}: somebody has detached the program, ${kept}`;
}
