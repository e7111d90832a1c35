/**
 * What the readers of the formats of packet files have in common.
 *
 * @module
 */
import type { ByteWindow } from "./byte_window.ts";
import type { Attachments } from "./capture_point.ts";
import type { PacketOutput } from "./packet_output.ts";

/** Takes a file apart. */
export interface PacketReader {
  /**
   * Puts packets into the output, as many as there is room for, or as are there.
   *
   * @returns false if there are no more
   * @throws {Damage} at what cannot be read; the packets before are in the output
   * @throws {RunError} if the file is of a kind that is not read at all, or cannot be read
   */
  fill(): Promise<boolean>;
  /** What is to be said about the file. Once, at the end. */
  finish(): PacketFileEnd;
}

/** What a reader works with. */
export interface PacketReaderParts {
  readonly window: ByteWindow;
  readonly output: PacketOutput;
  readonly attachments: Attachments;
  /** The file in messages. */
  readonly label: string;
}

/** What is known when a file was read. */
export interface PacketFileEnd {
  /** Packets that were lost where it was made; null if it does not say of every interface. */
  readonly dropped: number | null;
  /** Packets that are not in the output, by their link type, which is not read. */
  readonly leftOut: ReadonlyMap<number, number>;
  /** Packets of which the file does not say the time. */
  readonly timeless: number;
}
