/**
 * Capture files in blocks: draft-ietf-opsawg-pcapng.
 *
 * @module
 */
import { SECTION_HEADER } from "../../contract/packet_magic.ts";
import { formatCount } from "../../core/quantity.ts";
import type { ByteWindow } from "./byte_window.ts";
import { type Attachments, WAY, type Way } from "./capture_point.ts";
import { checkCaptured, Damage } from "./damage.ts";
import type { PacketOutput } from "./packet_output.ts";
import type { PacketFileEnd, PacketReader, PacketReaderParts } from "./packet_reader.ts";
import type { PcapngBlock } from "./pcapng_block.ts";
import { PcapngInterface } from "./pcapng_interface.ts";
import { Options } from "./pcapng_options.ts";

/** Types of blocks: section 4. All others are passed over. */
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const BYTE_ORDER_MAGIC_SWAPPED = 0x4d3c2b1a;
const MAJOR = 1;

/** Type and length, and the length once more. */
const HEAD_BYTES = 8;
const TAIL_BYTES = 4;
const MIN_BLOCK_BYTES = HEAD_BYTES + TAIL_BYTES;

/** The fewest bytes that blocks have, with {@linkcode TAIL_BYTES}. */
const MIN_BYTES: Readonly<Record<number, number>> = {
  [SECTION_HEADER]: 28,
  [INTERFACE_DESCRIPTION]: 20,
  [OBSOLETE_PACKET]: 32,
  [SIMPLE_PACKET]: 16,
  [INTERFACE_STATISTICS]: 24,
  [ENHANCED_PACKET]: 32,
};

/** Options of packets: 4.3. Those of the obsolete block have no count. */
const PACKET_FLAGS = 2;
const PACKET_DROPS = 4;
/** Bits 0 and 1 of the flags: 4.3.1. */
const WAYS: readonly Way[] = [WAY.UNKNOWN, WAY.INGRESS, WAY.EGRESS, WAY.UNKNOWN];

/** `drops_count` that is not known: Appendix A. */
const UNKNOWN_DROPS = 0xffff;

/** As many as an obsolete packet block can name. */
const MAX_INTERFACES = 65_536;

/** Reads a file from its beginning. */
export class PcapngReader implements PacketReader {
  readonly #window: ByteWindow;
  readonly #output: PacketOutput;
  readonly #attachments: Attachments;
  readonly #block: PcapngBlock;
  readonly #options: Options;
  readonly #leftOut = new Map<number, number>();
  #timeless = 0;
  #interfaces: PcapngInterface[] = [];
  /** Sum of what was lost in sections before; null once one did not say. */
  #dropped: number | null = 0;
  #hasPackets = false;
  /** Bytes of a long block that are still to be passed over, and where it begins. */
  #rest = 0;
  #restOf = 0;

  constructor({ window, output, attachments }: PacketReaderParts) {
    this.#window = window;
    this.#output = output;
    this.#attachments = attachments;
    this.#block = { bytes: window.bytes, view: window.view, isLittle: true, at: 0, end: 0 };
    this.#options = new Options(this.#block);
  }

  async fill(): Promise<boolean> {
    const window = this.#window;
    for (;;) {
      if (this.#rest > 0) await this.#passOver();
      const missing = this.#take();
      if (this.#output.hasPackets) return true;
      if (missing > window.bytes.length) await this.#takeLong(missing);
      else if (!await window.fill(missing)) {
        if (window.length === 0) return false;
        throw cutBlock(window.position);
      }
      if (this.#output.hasPackets) return true;
    }
  }

  finish(): PacketFileEnd {
    this.#closeSection();
    return {
      dropped: this.#hasPackets ? this.#dropped : null,
      leftOut: this.#leftOut,
      timeless: this.#timeless,
    };
  }

  /** Takes blocks that are there as a whole; returns how many bytes the next one needs. */
  #take(): number {
    const window = this.#window;
    const block = this.#block;
    for (;;) {
      if (this.#output.isFull || window.length < MIN_BLOCK_BYTES) return MIN_BLOCK_BYTES;
      const total = this.#head();
      if (total > window.length) return total;
      block.end = block.at + total - TAIL_BYTES;
      if (block.view.getUint32(block.end, block.isLittle) !== total) {
        throw new Damage(window.position, "both lengths of a block differ");
      }
      this.#read();
      window.start += total;
    }
  }

  /** Takes a block of which the window holds the beginning only: its fixed part, a packet, some options. */
  async #takeLong(total: number): Promise<void> {
    const window = this.#window;
    this.#restOf = window.position;
    if (!await window.fill(window.bytes.length)) throw cutBlock(this.#restOf);
    this.#block.at = window.start;
    this.#block.end = window.end;
    this.#read();
    this.#rest = total;
  }

  async #passOver(): Promise<void> {
    const bytes = this.#rest;
    this.#rest = 0;
    if (!await this.#window.skip(bytes)) throw cutBlock(this.#restOf);
  }

  /** Looks at how the next block begins; its length. */
  #head(): number {
    const window = this.#window;
    const block = this.#block;
    const at = block.at = window.start;
    if (block.view.getUint32(at, true) === SECTION_HEADER) this.#readByteOrder(at);
    const total = block.view.getUint32(at + 4, block.isLittle);
    const minBytes = MIN_BYTES[block.view.getUint32(at, block.isLittle)] ?? MIN_BLOCK_BYTES;
    if (total >= minBytes && total % 4 === 0) return total;
    throw new Damage(window.position, `a block cannot have ${formatCount(total)} bytes`);
  }

  #readByteOrder(at: number): void {
    const magic = this.#block.view.getUint32(at + 8, true);
    if (magic !== BYTE_ORDER_MAGIC && magic !== BYTE_ORDER_MAGIC_SWAPPED) {
      throw new Damage(this.#window.position, "a section does not say its byte order");
    }
    this.#block.isLittle = magic === BYTE_ORDER_MAGIC;
  }

  #read(): void {
    const { view, at, isLittle } = this.#block;
    switch (view.getUint32(at, isLittle)) {
      case ENHANCED_PACKET:
        return this.#readPacket(view.getUint32(at + 8, isLittle), PACKET_DROPS);
      case OBSOLETE_PACKET:
        return this.#readObsolete();
      case SIMPLE_PACKET:
        return this.#readSimple();
      case INTERFACE_DESCRIPTION:
        return this.#readInterface();
      case INTERFACE_STATISTICS:
        return this.#interface(view.getUint32(at + 8, isLittle)).readStatistics(this.#block);
      case SECTION_HEADER:
        return this.#readSection();
    }
  }

  #readSection(): void {
    const { view, at, isLittle } = this.#block;
    const major = view.getUint16(at + 12, isLittle);
    if (major !== MAJOR) throw this.#damage(`a section has pcapng version ${major}`);
    this.#closeSection();
  }

  /** Numbers of interfaces begin again. */
  #closeSection(): void {
    for (const one of this.#interfaces) {
      if (one.packets === 0 && one.dropped === null) continue;
      if (one.dropped === null || this.#dropped === null) this.#dropped = null;
      else this.#dropped += one.dropped;
      this.#hasPackets ||= one.packets > 0;
    }
    this.#interfaces = [];
  }

  #readInterface(): void {
    if (this.#interfaces.length === MAX_INTERFACES) {
      throw this.#damage(`a section has more than ${formatCount(MAX_INTERFACES)} interfaces`);
    }
    this.#interfaces.push(new PcapngInterface(this.#block, this.#attachments));
  }

  #interface(number: number): PcapngInterface {
    const found = this.#interfaces[number];
    if (found === undefined) {
      throw this.#damage(`its interface ${formatCount(number)} was not described`);
    }
    return found;
  }

  #readObsolete(): void {
    const { view, at, isLittle } = this.#block;
    const number = view.getUint16(at + 8, isLittle);
    const drops = view.getUint16(at + 10, isLittle);
    if (drops !== UNKNOWN_DROPS) this.#interface(number).losses.summed += drops;
    this.#readPacket(number, null);
  }

  /** An enhanced packet, or an obsolete one: they differ in how the interface is said. */
  #readPacket(number: number, dropsOption: number | null): void {
    const { view, at, end, isLittle } = this.#block;
    const one = this.#interface(number);
    const captured = view.getUint32(at + 20, isLittle);
    const data = at + 28;
    checkCaptured(this.#window.position, captured);
    if (captured > end - data) throw this.#damage("a packet is longer than its block");
    let way: Way = WAY.UNKNOWN;
    const options = this.#options;
    options.begin(data + Math.ceil(captured / 4) * 4, end);
    while (options.next()) {
      if (options.code === PACKET_FLAGS) way = WAYS[(options.uint32() ?? 0) & 3]!;
      else if (options.code === dropsOption) {
        const drops = options.uint64() ?? 0;
        if (Number.isSafeInteger(drops)) one.losses.summed += drops;
      }
    }
    const length = view.getUint32(at + 24, isLittle);
    const high = view.getUint32(at + 12, isLittle);
    this.#add(one, way, high, view.getUint32(at + 16, isLittle), data, captured, length);
  }

  /** Always of the first interface; its length is told on the wire only, and it has no time. */
  #readSimple(): void {
    const { view, at, end, isLittle } = this.#block;
    const one = this.#interface(0);
    const length = view.getUint32(at + 8, isLittle);
    const data = at + 12;
    const limit = one.snapLength === 0 ? length : Math.min(length, one.snapLength);
    const captured = Math.min(limit, end - data);
    checkCaptured(this.#window.position, captured);
    this.#timeless++;
    this.#add(one, WAY.UNKNOWN, 0, 0, data, captured, length);
  }

  #add(
    one: PcapngInterface,
    way: Way,
    high: number,
    low: number,
    data: number,
    captured: number,
    length: number,
  ): void {
    const { point, fcsBytes } = one;
    if (point === null) {
      this.#leftOut.set(one.linkType, (this.#leftOut.get(one.linkType) ?? 0) + 1);
      return;
    }
    one.packets++;
    const told = way === WAY.UNKNOWN ? point.wayOf(this.#block.bytes, data, captured) : way;
    this.#output.add(
      high,
      low,
      one.offsetHigh,
      one.offsetLow,
      data,
      captured,
      length > fcsBytes ? length - fcsBytes : length,
      point.origin(told),
    );
  }

  #damage(reason: string): Damage {
    return new Damage(this.#window.position, reason);
  }
}

function cutBlock(position: number): Damage {
  return new Damage(position, "the file ends within a block");
}
