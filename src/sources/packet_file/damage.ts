/**
 * What is wrong inside a packet file: the packets before it are good.
 *
 * @module
 */

import { formatCount } from "../../core/quantity.ts";

/** The next step for a file of which nothing could be read. */
export const DAMAGED_HINT = "There is no packet before that: copy or capture the file again";

/** Ends the reading of a file. */
export class Damage extends Error {
  override readonly name = "Damage";
  /** Position in the file, behind its compression, of what cannot be read. */
  readonly offset: number;

  /** @param reason follows a colon: `the file ends within a packet` */
  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

/** Longest packet that is believed: MAXIMUM_SNAPLEN of libpcap, pcap-int.h. */
const MAX_CAPTURED_BYTES = 262_144;

/** @throws {Damage} at `offset` if no packet is as long as `captured` */
export function checkCaptured(offset: number, captured: number): void {
  if (captured <= MAX_CAPTURED_BYTES) return;
  throw new Damage(offset, `no packet has ${formatCount(captured)} bytes`);
}
