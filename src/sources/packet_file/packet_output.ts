/**
 * Where the readers of packet files put packets, and what is counted there.
 *
 * @module
 */
import { type PacketParser, RUN_PACKETS } from "./packet_parser.ts";

const ATTACHMENTS = 256;

export class PacketOutput {
  /** Packets, by number of the attachment. */
  readonly packets = new Float64Array(ATTACHMENTS);
  /** Sum of their lengths on the wire. */
  readonly bytes = new Float64Array(ATTACHMENTS);
  readonly #parser: PacketParser;

  constructor(parser: PacketParser) {
    this.#parser = parser;
  }

  /** Whether something has to be parsed before bytes in the window may move. */
  get hasPackets(): boolean {
    return this.#parser.count > 0;
  }

  /** Whether there is no room: then it has to be parsed as well. */
  get isFull(): boolean {
    return this.#parser.count === RUN_PACKETS;
  }

  /** As {@linkcode PacketParser.add}. */
  add(
    timeHigh: number,
    timeLow: number,
    offsetHigh: number,
    offsetLow: number,
    at: number,
    captured: number,
    length: number,
    origin: number,
  ): void {
    const attachment = origin >>> 8 & 0xff;
    this.packets[attachment]!++;
    this.bytes[attachment]! += length;
    this.#parser.add(timeHigh, timeLow, offsetHigh, offsetLow, at, captured, length, origin);
  }
}
