/**
 * Packet files as other programs write them, made byte by byte. Formats: draft-ietf-opsawg-pcap and
 * draft-ietf-opsawg-pcapng.
 *
 * @module
 */
import { concat } from "./frames/octets.ts";

/** Numbers as the writer of a file has them. */
export class Bytes {
  readonly isLittle: boolean;

  constructor(isLittle: boolean) {
    this.isLittle = isLittle;
  }

  u16(...values: readonly number[]): Uint8Array {
    return this.#numbers(values, 2, (view, at, value) => view.setUint16(at, value, this.isLittle));
  }

  u32(...values: readonly number[]): Uint8Array {
    return this.#numbers(values, 4, (view, at, value) => view.setUint32(at, value, this.isLittle));
  }

  u64(value: bigint): Uint8Array {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), this.isLittle);
    return bytes;
  }

  #numbers(
    values: readonly number[],
    size: number,
    set: (view: DataView, at: number, value: number) => void,
  ): Uint8Array {
    const bytes = new Uint8Array(values.length * size);
    const view = new DataView(bytes.buffer);
    values.forEach((value, index) => set(view, index * size, value));
    return bytes;
  }
}

export const LITTLE = new Bytes(true);
export const BIG = new Bytes(false);

/** A packet of a pcap file. */
export interface PcapPacket {
  readonly data: Uint8Array;
  /** On the wire; that of the data unless given. */
  readonly length?: number;
  /** Seconds, and their parts as the magic number says. */
  readonly time?: readonly [number, number];
  /** Modified form only. */
  readonly type?: number;
}

export interface PcapOptions {
  readonly bytes?: Bytes;
  readonly magic?: number;
  readonly version?: readonly [number, number];
  readonly linkType?: number;
  readonly snapLength?: number;
  /** Instead of the packets' own lengths. */
  readonly swapLengths?: boolean;
}

export const MICROSECONDS = 0xa1b2c3d4;
export const NANOSECONDS = 0xa1b23c4d;
export const MODIFIED = 0xa1b2cd34;

/** A pcap file. */
export function pcap(packets: readonly PcapPacket[], options: PcapOptions = {}): Uint8Array {
  const { bytes = LITTLE, magic = MICROSECONDS, version = [2, 4], swapLengths = false } = options;
  const { linkType = 1, snapLength = 262_144 } = options;
  const header = concat(
    bytes.u32(magic),
    bytes.u16(...version),
    bytes.u32(0, 0, snapLength, linkType),
  );
  return concat(
    header,
    ...packets.flatMap(({ data, length = data.length, time = [0, 0], type = 0 }) => [
      bytes.u32(...time, ...(swapLengths ? [length, data.length] : [data.length, length])),
      ...(magic === MODIFIED ? [bytes.u32(2), bytes.u16(0x0800), Uint8Array.of(type, 0)] : []),
      data,
    ]),
  );
}

/** Code and value. */
export type Option = readonly [number, Uint8Array];

export const OPTION = {
  COMMENT: 1,
  IF_NAME: 2,
  IF_TSRESOL: 9,
  IF_FCSLEN: 13,
  IF_TSOFFSET: 14,
  EPB_FLAGS: 2,
  EPB_DROPCOUNT: 4,
  ISB_IFRECV: 4,
  ISB_IFDROP: 5,
  ISB_OSDROP: 7,
} as const;

/** A writer of pcapng blocks in one byte order. */
export class Pcapng {
  readonly bytes: Bytes;

  constructor(bytes = LITTLE) {
    this.bytes = bytes;
  }

  /** Any block; `total` and `last` are what it says to be long, at both ends. */
  block(
    type: number,
    body: Uint8Array,
    total = body.length + 12,
    last = total,
  ): Uint8Array {
    return concat(this.bytes.u32(type, total), body, this.bytes.u32(last));
  }

  section(options: readonly Option[] = [], major = 1): Uint8Array {
    const body = concat(
      this.bytes.u32(0x1a2b3c4d),
      this.bytes.u16(major, 0),
      this.bytes.u64(-1n),
      this.options(options),
    );
    return this.block(0x0a0d0d0a, body);
  }

  interface(linkType = 1, options: readonly Option[] = [], snapLength = 0): Uint8Array {
    const body = concat(
      this.bytes.u16(linkType, 0),
      this.bytes.u32(snapLength),
      this.options(options),
    );
    return this.block(1, body);
  }

  packet(
    { data, length = data.length, at = 0n, on = 0, options = [] }: {
      readonly data: Uint8Array;
      readonly length?: number;
      /** In units of the interface. */
      readonly at?: bigint;
      /** Number of the interface. */
      readonly on?: number;
      readonly options?: readonly Option[];
    },
  ): Uint8Array {
    return this.block(
      6,
      concat(
        this.bytes.u32(on, Number(at >> 32n), Number(at & 0xffff_ffffn), data.length, length),
        padded(data),
        this.options(options),
      ),
    );
  }

  simplePacket(data: Uint8Array, length = data.length): Uint8Array {
    return this.block(3, concat(this.bytes.u32(length), padded(data)));
  }

  obsoletePacket(
    data: Uint8Array,
    { on = 0, drops = 0xffff, at = 0n, options = [] }: {
      readonly on?: number;
      readonly drops?: number;
      readonly at?: bigint;
      readonly options?: readonly Option[];
    } = {},
  ): Uint8Array {
    const time = [Number(at >> 32n), Number(at & 0xffff_ffffn)];
    return this.block(
      2,
      concat(
        this.bytes.u16(on, drops),
        this.bytes.u32(...time, data.length, data.length),
        padded(data),
        this.options(options),
      ),
    );
  }

  statistics(on: number, options: readonly Option[]): Uint8Array {
    return this.block(5, concat(this.bytes.u32(on, 0, 0), this.options(options)));
  }

  /** Empty without any. */
  options(options: readonly Option[]): Uint8Array {
    if (options.length === 0) return new Uint8Array();
    const list = options.map(([code, value]) =>
      concat(this.bytes.u16(code, value.length), padded(value))
    );
    return concat(...list, this.bytes.u16(0, 0));
  }
}

function padded(bytes: Uint8Array): Uint8Array {
  return concat(bytes, new Uint8Array((4 - bytes.length % 4) % 4));
}

/** Bytes of a text. */
export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
