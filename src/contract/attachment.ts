/**
 * Where a record comes from: the kernel writes the number of an attachment, this table says what it
 * means.
 *
 * @module
 */

/** Way of a packet as the host sees it. */
export type Direction = "ingress" | "egress";

/**
 * Longest name of an interface that is kept, in bytes of UTF-8. Linux' are shorter (IFNAMSIZ), those in
 * packet files of other systems are not: `\Device\NPF_` and a GUID have 50.
 */
export const MAX_INTERFACE_NAME_BYTES = 63;

/** Kernel hook of a program: `clsact` where the kernel has no TCX. */
export type Hook = "xdp" | "tcx" | "clsact";

/** How the hook runs: in the driver, in the network stack, at TCX, or as a filter of clsact. */
export type HookMode = "native" | "generic" | "tcx" | "clsact";

/** One direction of one interface; in a recording of an interface, the program for it. */
export interface Attachment {
  /** Its number, 0-255, which all its records carry. */
  readonly attachment: number;
  /** Name of the interface; null if a packet file does not say. */
  readonly interface: string | null;
  /** null if a packet file does not say. */
  readonly direction: Direction | null;
}

/** An attachment of which everything is known. */
export interface KnownAttachment extends Attachment {
  readonly interface: string;
  readonly direction: Direction;
}

/** An attachment whose program is, or was, in place; or is waited for, and its hook not known yet. */
export interface PlacedAttachment extends KnownAttachment {
  readonly hook: Hook | null;
  /** The mode in use: for `auto`, what was chosen. */
  readonly mode: HookMode | null;
}

/** Why an attachment ended: with the recording, or before it because of somebody else. */
export type EndReason = "stopped" | "interface_gone" | "never_came" | "detached" | "crashed";

/** The end of an attachment that came before that of the recording. */
export interface EarlyEnd {
  /** Number of the attachment. */
  readonly attachment: number;
  /** When it was noticed, at most a second late: wall-clock nanoseconds since 1970. */
  readonly endedNs: bigint;
  readonly reason: Exclude<EndReason, "stopped" | "crashed">;
}

/** A placed attachment, and what is to be said of the choice of its hook. */
export interface ChosenAttachment extends PlacedAttachment {
  /** Why not another hook is in use, or what this one costs; empty when there is nothing to say. */
  readonly reason: string;
}
