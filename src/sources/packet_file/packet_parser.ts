/**
 * The parser of the BPF programs, compiled to WebAssembly (`bpf/parser.c`), and the memory it works on.
 *
 * @module
 */
import { RECORD_BYTES } from "../../contract/record_layout.ts";

/** Packets of one call: few enough that what is written for them stays in cache. */
export const RUN_PACKETS = 2048;

/** What the two words of a packet's time are, as `enum time_form` of `bpf/packet_time.h`. */
export const TIME_FORM = { SECONDS: 0, DECIMAL: 1, BINARY: 2 } as const;

/** What a parser must know of the place a packet comes from. */
export interface PacketOrigin {
  /** One of `LINK`. */
  readonly link: number;
  /** Number of the attachment, 0-255. */
  readonly attachment: number;
  /** One of {@linkcode TIME_FORM}. */
  readonly timeForm: number;
  /** Unit of the time: 10 or 2 to the power of minus this, in seconds; 0-127. */
  readonly timeExponent: number;
}

/** Words of `struct packet`; the last has four bytes: see {@linkcode originWord}. */
const PACKET_WORDS = 8;
const PACKET_BYTES = PACKET_WORDS * 4;

const PAGE_BYTES = 65_536;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly __heap_base: WebAssembly.Global;
  parse_packets(packets: number, events: number, count: number): number;
}

/** For all parsers of this thread. */
let compiled: WebAssembly.Module | undefined;

function compile(): WebAssembly.Module {
  const code = Deno.readFileSync(new URL("../../../bpf/parser.wasm", import.meta.url));
  return new WebAssembly.Module(code);
}

/** An origin as one number, which {@linkcode PacketParser.add} takes. */
export function originWord(origin: PacketOrigin): number {
  const { link, attachment, timeForm, timeExponent } = origin;
  return link | attachment << 8 | timeForm << 16 | timeExponent << 24;
}

/** Turns packets that lie in {@linkcode window} into records. */
export class PacketParser {
  /** Bytes of the file; packets are told by their place in here. */
  readonly window: Uint8Array<ArrayBuffer>;
  /** Memory that holds the records. */
  readonly records: ArrayBuffer;
  /** Where in {@linkcode records} each record of a run is. */
  readonly offsets = new Uint32Array(RUN_PACKETS);
  /** Packets that were added and not parsed. */
  count = 0;
  /** Packets so far with a time that no record can hold; theirs have the nearest. */
  beyondTime = 0;
  readonly #exports: Exports;
  readonly #packets: Uint32Array<ArrayBuffer>;
  readonly #windowStart: number;

  /** @param windowBytes size of the window */
  constructor(windowBytes: number) {
    const { exports } = new WebAssembly.Instance(compiled ??= compile());
    this.#exports = exports as unknown as Exports;
    const { memory, __heap_base } = this.#exports;
    const events = Math.ceil(__heap_base.value / 64) * 64;
    const packets = events + RUN_PACKETS * RECORD_BYTES;
    this.#windowStart = packets + RUN_PACKETS * PACKET_BYTES;
    const missing = this.#windowStart + windowBytes - memory.buffer.byteLength;
    memory.grow(Math.max(0, Math.ceil(missing / PAGE_BYTES)));
    // From here on the memory does not grow, so that views of it stay valid.
    this.records = memory.buffer;
    this.window = new Uint8Array(memory.buffer, this.#windowStart, windowBytes);
    this.#packets = new Uint32Array(memory.buffer, packets, RUN_PACKETS * PACKET_WORDS);
    for (let index = 0; index < RUN_PACKETS; index++) {
      this.offsets[index] = events + index * RECORD_BYTES;
    }
  }

  /**
   * Adds a packet; at most {@linkcode RUN_PACKETS}.
   *
   * @param timeHigh both words of its time, as its origin says
   * @param offsetHigh seconds to add to that, a signed number in two words
   * @param at where its bytes begin in the window
   * @param captured how many of them are there
   * @param length how many there were on the wire
   * @param origin {@linkcode originWord}
   */
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
    const word = this.count++ * PACKET_WORDS;
    const packets = this.#packets;
    packets[word] = timeHigh;
    packets[word + 1] = timeLow;
    packets[word + 2] = offsetLow;
    packets[word + 3] = offsetHigh;
    packets[word + 4] = this.#windowStart + at;
    packets[word + 5] = captured < length ? captured : length;
    packets[word + 6] = length;
    packets[word + 7] = origin;
  }

  /**
   * Parses all that were added. Their records are at {@linkcode offsets} until the next call.
   *
   * @returns how many they are
   */
  parse(): number {
    const { count } = this;
    const packets = this.#packets.byteOffset;
    this.beyondTime += this.#exports.parse_packets(packets, this.offsets[0]!, count);
    this.count = 0;
    return count;
  }
}
