/**
 * Where a record comes from: the kernel writes a slot number, this table says what it means.
 *
 * @module
 */

/** Way of a packet as the host sees it. */
export type Direction = "ingress" | "egress";

/** One program attached to one interface in one direction. */
export interface Attachment {
  /** `slot` of the records of this attachment, 0-255. */
  readonly slot: number;
  /** Name of the interface. */
  readonly interface: string;
  readonly direction: Direction;
}

/** An attachment whose program is, or was, in place. */
export interface PlacedAttachment extends Attachment {
  /** Kernel hook that the program was attached to. */
  readonly hook: "xdp" | "tcx" | "clsact";
  /** How the hook ran: in the driver, in the network stack, at TCX, or as a filter of clsact. */
  readonly mode: "native" | "generic" | "tcx" | "clsact";
}
