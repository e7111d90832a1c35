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
