/**
 * Interfaces that were not there, or have gone, and come under the name that they are waited for by.
 *
 * @module
 */
import { type NetworkLink, SystemError } from "../../ffi/mod.ts";
import { InspectorError } from "../core/errors.ts";
import { lowerFirst } from "../core/lower_first.ts";
import { attachOrder } from "./attach_order.ts";
import { type AttachPoint, linkCalled } from "./attach_points.ts";
import { linkHeader } from "./link_header.ts";

/** Errors of interfaces that come and go. */
const PASSING: readonly string[] = ["ENODEV", "EINTR"];

/** An attachment that is waited for, or has come. */
export interface AwaitedAttachment {
  /** Number of the attachment. */
  readonly attachment: number;
  readonly point: AttachPoint;
}

/** An interface that has come and is recorded. */
export interface Arrival {
  readonly kind: "arrival";
  readonly interface: string;
  readonly ifindex: number;
  readonly attachments: readonly AwaitedAttachment[];
}

/** An interface that is there and cannot be recorded. */
export interface Refusal {
  readonly kind: "refusal";
  readonly interface: string;
  readonly reason: string;
}

/**
 * Attaches to every interface that has come, those below others first.
 *
 * @param isRecorded whether an interface is recorded already, under another name
 * @param place attaches all or none; throws an {@linkcode InspectorError} if it cannot
 */
export function arrivalsOf(
  waiting: readonly AwaitedAttachment[],
  links: readonly NetworkLink[],
  isRecorded: (ifindex: number) => boolean,
  place: (arrived: readonly AwaitedAttachment[]) => void,
): (Arrival | Refusal)[] {
  const named = [...Map.groupBy(waiting, ({ point }) => point.interface)];
  const found = named.flatMap(([name, attachments]) => {
    const link = linkCalled(name, links);
    return link === undefined ? [] : [{ name, attachments, link, ifindex: link.index }];
  });
  return attachOrder(found, links).flatMap((position): Arrival | Refusal | [] => {
    const { name, attachments, link, ifindex } = found[position]!;
    const refused = (reason: string): Refusal => ({ kind: "refusal", interface: name, reason });
    const header = linkHeader(link);
    if (header === null) return refused("its packets are neither Ethernet nor IP");
    if (isRecorded(ifindex)) return refused("it is recorded already, under another name");
    const arrived = attachments.map(({ attachment, point }) => {
      return { attachment, point: { ...point, ifindex, bare: header === "none" } };
    });
    try {
      place(arrived);
      return { kind: "arrival", interface: name, ifindex, attachments: arrived };
    } catch (error) {
      const cause = error instanceof InspectorError ? error.cause : error;
      // Gone again, or changing all the time: the next look will tell.
      if (cause instanceof SystemError && PASSING.includes(cause.code)) return [];
      if (error instanceof InspectorError) return refused(lowerFirst(error.message));
      throw error;
    }
  });
}
