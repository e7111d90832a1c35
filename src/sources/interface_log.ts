/**
 * Writes down what happens to interfaces, and which of their attachments do not record.
 *
 * @module
 */
import type { Noticed } from "../attach/interface_watch.ts";
import type { Arrival, Refusal } from "../attach/waiting.ts";
import type { ChosenAttachment, EarlyEnd, KnownAttachment } from "../contract/attachment.ts";
import type { Moment } from "../contract/clock_change.ts";
import {
  type InterfaceEvent,
  InterfaceEventList,
  type InterfaceEvents,
} from "../contract/interface_event.ts";
import { formatDuration } from "../core/quantity.ts";
import { isoFromNanoseconds } from "../core/timestamps.ts";

/** An event, and the attachments that it is about where they record no longer. */
export interface InterfaceNotice extends InterfaceEvent {
  readonly lost: readonly { readonly attachment: number }[];
}

type Clock = () => Moment;

/** What happened from the start of a capture on. */
export class InterfaceLog {
  readonly #all = new InterfaceEventList();
  readonly #ofFile = new InterfaceEventList();
  /** By number of the attachment: since when, by the clock that nobody sets, it does not record. */
  readonly #away = new Map<number, { readonly end: EarlyEnd; readonly sinceNs: bigint }>();
  /** The last reason for which each interface was refused. */
  readonly #refusals = new Map<string, string>();

  /** All events. */
  get all(): InterfaceEvents {
    return this.#all;
  }

  /** Attachments that do not record now. */
  get earlyEnds(): EarlyEnd[] {
    return [...this.#away.values()].map(({ end }) => end);
  }

  /** The events since the last call. */
  takeOfFile(): InterfaceEvents {
    return this.#ofFile.take();
  }

  /** Attachments that are waited for from the beginning. */
  await(attachments: readonly KnownAttachment[], now: Moment): void {
    for (const { attachment } of attachments) this.#leave(attachment, "never_came", now);
  }

  /** @returns the events, once they are written down */
  note({ changes, lost }: Noticed, clock: Clock): InterfaceNotice[] {
    if (changes.length + lost.length === 0) return [];
    const now = clock();
    const notices: InterfaceNotice[] = changes.map((change) => this.#add(change, now));
    for (const { interface: name, cause, attachments } of lost) {
      const isProgram = cause === "program";
      for (const { attachment } of attachments) {
        this.#leave(attachment, isProgram ? "detached" : "interface_gone", now);
      }
      const event = cause === "program" ? "detached" : cause;
      const detail = isProgram ? attachments.map(({ direction }) => direction).join(" and ") : "";
      notices.push(this.#add({ interface: name, event, detail }, now, attachments));
    }
    return notices;
  }

  /**
   * @param attached how the attachments are made now
   * @returns the events, once they are written down; a refusal is one as long as its reason is new
   */
  noteArrivals(
    arrivals: readonly (Arrival | Refusal)[],
    attached: readonly ChosenAttachment[],
    clock: Clock,
  ): InterfaceNotice[] {
    const now = clock();
    return arrivals.flatMap((one): InterfaceNotice[] => {
      const { interface: name } = one;
      if (one.kind === "refusal") {
        if (this.#refusals.get(name) === one.reason) return [];
        this.#refusals.set(name, one.reason);
        return [this.#add({ interface: name, event: "refused", detail: one.reason }, now)];
      }
      this.#refusals.delete(name);
      const away = one.attachments.map(({ attachment }) => this.#away.get(attachment));
      const hooks = one.attachments.map(({ attachment }) => hookText(attached[attachment]!));
      for (const { attachment } of one.attachments) this.#away.delete(attachment);
      const [first] = away.filter((each) => each !== undefined && each.end.reason !== "never_came");
      if (first === undefined) {
        return [this.#add({ interface: name, event: "came", detail: hooks.join(", ") }, now)];
      }
      const seconds = Number(now.steadyNs - first.sinceNs) / 1e9;
      const detail = `after ${formatDuration(seconds)}: ${hooks.join(", ")}`;
      return [this.#add({ interface: name, event: "came_back", detail }, now)];
    });
  }

  #leave(attachment: number, reason: EarlyEnd["reason"], now: Moment): void {
    const end = { attachment, endedNs: now.wallNs, reason };
    this.#away.set(attachment, { end, sinceNs: now.steadyNs });
  }

  #add(
    { interface: name, event, detail }: Omit<InterfaceEvent, "time">,
    now: Moment,
    lost: InterfaceNotice["lost"] = [],
  ): InterfaceNotice {
    const noted = { time: isoFromNanoseconds(now.wallNs), interface: name, event, detail };
    this.#all.add(noted);
    this.#ofFile.add(noted);
    return { ...noted, lost };
  }
}

/** `ingress xdp/native`. */
function hookText({ direction, hook, mode }: ChosenAttachment): string {
  return `${direction} ${hook === "xdp" ? `xdp/${mode}` : hook}`;
}
