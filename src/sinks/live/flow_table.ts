/**
 * Numbers the flows of a batch's rows: an open-addressing hash table over typed arrays, without an object
 * per packet.
 *
 * @module
 */
import type { ColumnBatch } from "../../batch/column_batch.ts";
import { FLOW_META, KEY, KEY_WORDS } from "../../contract/live_second.ts";
import { EVENT_FLAG, PRESENT } from "../../contract/record_layout.ts";

/** Flows that a table holds by default: 4 MB. A power of two. */
export const MAX_FLOWS = 65_536;

/** Rows whose flows are looked for at a time: so few that what is kept of them stays in the nearest cache. */
export const RUN_ROWS = 1024;

const IS_IP = FLOW_META.isV4 | FLOW_META.isV6;

/** Says that a flow has no number. */
export const NO_ROOM = -1;

/** Bounded; a flow that it has no room for is told from those that it holds. */
export class FlowTable {
  readonly limit: number;
  /** {@linkcode KEY_WORDS} words of each flow, by its number. */
  readonly keys: Uint32Array;
  /** Addresses come from whoever sends packets: without a secret they could be made to meet in one slot. */
  readonly #secret: Uint32Array;
  /** Number of the flow + 1, and its hash; 0 = free. At most half of them are in use. */
  readonly #slots: Uint32Array;
  /** Of the rows that are looked at: see {@linkcode KEY}, and the hash. */
  readonly #metas = new Uint32Array(RUN_ROWS);
  readonly #ports = new Uint32Array(RUN_ROWS);
  readonly #hashes = new Uint32Array(RUN_ROWS);
  #size = 0;
  #numbering = 0;

  /**
   * @param limit a power of two
   * @param secret {@linkcode KEY_WORDS} words that nobody knows
   */
  constructor(
    limit: number = MAX_FLOWS,
    secret: Uint32Array = crypto.getRandomValues(new Uint32Array(KEY_WORDS)),
  ) {
    this.limit = limit;
    this.#secret = secret;
    this.keys = new Uint32Array(limit * KEY_WORDS);
    this.#slots = new Uint32Array(4 * limit);
  }

  /** Changes whenever a number may stand for another flow than before. */
  get numbering(): number {
    return this.#numbering;
  }

  /** Flows so far. */
  get size(): number {
    return this.#size;
  }

  /**
   * Numbers of the flows of rows, which are added if they are new. Each step goes over all rows before the
   * next one begins: so the processor waits for memory for many of them at a time, and not for each.
   *
   * @param rows of the batch, in the order in which new flows get their numbers
   * @param count how many of `rows`, at most {@linkcode RUN_ROWS}
   * @param numbers gets the number of the flow of each; {@linkcode NO_ROOM} if the table is full
   */
  find(batch: ColumnBatch, rows: Uint16Array, count: number, numbers: Int32Array): void {
    this.#hash(batch, rows, count);
    this.#guess(count, numbers);
    const { keys } = this;
    const { sourceAddress, destinationAddress } = batch;
    for (let index = 0; index < count; index++) {
      const key = numbers[index]! * KEY_WORDS;
      const meta = this.#metas[index]!;
      const address = 4 * rows[index]!;
      if (
        key >= 0 && keys[key + KEY.meta] === meta && keys[key + KEY.ports] === this.#ports[index] &&
        (!(meta & IS_IP) ||
          keys[key] === sourceAddress[address] && keys[key + 4] === destinationAddress[address] &&
            (!(meta & FLOW_META.isV6) || isSameIpv6(keys, key, batch, address)))
      ) continue;
      numbers[index] = this.#findSlowly(batch, address, index);
    }
  }

  /** What tells the flow of each row from others, and its hash. */
  #hash(batch: ColumnBatch, rows: Uint16Array, count: number): void {
    const { present, flags, ethertype, attachment, ipProtocol, sourcePort, destinationPort } =
      batch;
    const { sourceAddress, destinationAddress } = batch;
    const metas = this.#metas;
    const portWords = this.#ports;
    const hashes = this.#hashes;
    const secret = this.#secret;
    for (let index = 0; index < count; index++) {
      const row = rows[index]!;
      const there = present[row]!;
      const isIp = (there & PRESENT.IP) !== 0;
      const isV6 = isIp && (flags[row]! & EVENT_FLAG.IPV6) !== 0;
      const hasPorts = (there & PRESENT.PORTS) !== 0;
      const ports = hasPorts
        ? sourcePort[row]! | destinationPort[row]! << 16
        : isIp
        ? 0
        : ethertype[row]!;
      const meta = attachment[row]! |
        (isIp ? ipProtocol[row]! << FLOW_META.protocolShift : 0) |
        (isV6 ? FLOW_META.isV6 : isIp ? FLOW_META.isV4 : 0) | (hasPorts ? FLOW_META.hasPorts : 0);
      let hash = mix(meta ^ secret[KEY.meta]!);
      hash = mix(hash ^ ports ^ secret[KEY.ports]!);
      if (isIp) {
        const address = 4 * row;
        const words = isV6 ? 4 : 1;
        for (let word = 0; word < words; word++) {
          hash = mix(hash ^ sourceAddress[address + word]! ^ secret[word]!);
          hash = mix(hash ^ destinationAddress[address + word]! ^ secret[4 + word]!);
        }
      }
      metas[index] = meta;
      portWords[index] = ports;
      hashes[index] = hash;
    }
  }

  /** The flow with the hash of each row; it can be another one with the same. */
  #guess(count: number, numbers: Int32Array): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const hashes = this.#hashes;
    for (let index = 0; index < count; index++) {
      const hash = hashes[index]!;
      let slot = hash << 1 & mask;
      let entry = slots[slot]!;
      while (entry !== 0 && slots[slot + 1] !== hash) {
        slot = slot + 2 & mask;
        entry = slots[slot]!;
      }
      numbers[index] = entry - 1;
    }
  }

  /** The same for one row, which is a new flow, or has the hash of another one. */
  #findSlowly(batch: ColumnBatch, address: number, index: number): number {
    const { keys } = this;
    const { sourceAddress, destinationAddress } = batch;
    const slots = this.#slots;
    const mask = slots.length - 1;
    const meta = this.#metas[index]!;
    const ports = this.#ports[index]!;
    const hash = this.#hashes[index]!;
    const words = meta & FLOW_META.isV6 ? 4 : meta & FLOW_META.isV4 ? 1 : 0;
    let slot = hash << 1 & mask;
    for (let entry = slots[slot]!; entry !== 0; entry = slots[slot]!) {
      if (slots[slot + 1] === hash) {
        const key = (entry - 1) * KEY_WORDS;
        let isSame = keys[key + KEY.meta] === meta && keys[key + KEY.ports] === ports;
        for (let word = 0; word < words; word++) {
          isSame &&= keys[key + word] === sourceAddress[address + word] &&
            keys[key + 4 + word] === destinationAddress[address + word];
        }
        if (isSame) return entry - 1;
      }
      slot = slot + 2 & mask;
    }
    if (this.#size === this.limit) return NO_ROOM;
    const number = this.#size++;
    slots[slot] = number + 1;
    slots[slot + 1] = hash;
    const key = number * KEY_WORDS;
    for (let word = 0; word < 4; word++) {
      keys[key + word] = word < words ? sourceAddress[address + word]! : 0;
      keys[key + 4 + word] = word < words ? destinationAddress[address + word]! : 0;
    }
    keys[key + KEY.ports] = ports;
    keys[key + KEY.meta] = meta;
    return number;
  }

  /**
   * Forgets the flows that are not to be kept. Those that are move to the front, in their order.
   *
   * @param kept 1 for each number to keep
   * @returns the new number of each flow, by its old one; {@linkcode NO_ROOM} if it is forgotten
   */
  compact(kept: Uint8Array): Int32Array {
    this.#numbering++;
    const { keys } = this;
    const hashes = new Uint32Array(this.#size);
    for (let slot = 0; slot < this.#slots.length; slot += 2) {
      const entry = this.#slots[slot]!;
      if (entry !== 0) hashes[entry - 1] = this.#slots[slot + 1]!;
    }
    this.#slots.fill(0);
    const moved = new Int32Array(this.#size).fill(NO_ROOM);
    const mask = this.#slots.length - 1;
    let size = 0;
    for (let old = 0; old < moved.length; old++) {
      if (kept[old] === 0) continue;
      keys.copyWithin(size * KEY_WORDS, old * KEY_WORDS, (old + 1) * KEY_WORDS);
      let slot = hashes[old]! << 1 & mask;
      while (this.#slots[slot] !== 0) slot = slot + 2 & mask;
      this.#slots[slot] = size + 1;
      this.#slots[slot + 1] = hashes[old]!;
      moved[old] = size++;
    }
    this.#size = size;
    return moved;
  }

  /** Forgets all. */
  clear(): void {
    this.#numbering++;
    this.#slots.fill(0);
    this.#size = 0;
  }
}

/** Whether the words of both addresses behind the first are those of the flow, too. */
function isSameIpv6(keys: Uint32Array, key: number, batch: ColumnBatch, address: number): boolean {
  const { sourceAddress, destinationAddress } = batch;
  return keys[key + 1] === sourceAddress[address + 1] &&
    keys[key + 2] === sourceAddress[address + 2] &&
    keys[key + 3] === sourceAddress[address + 3] &&
    keys[key + 5] === destinationAddress[address + 1] &&
    keys[key + 6] === destinationAddress[address + 2] &&
    keys[key + 7] === destinationAddress[address + 3];
}

/** The finaliser of MurmurHash3 (32 bits): every input bit changes every output bit. */
function mix(word: number): number {
  word = Math.imul(word ^ word >>> 16, 0x85ebca6b);
  word = Math.imul(word ^ word >>> 13, 0xc2b2ae35);
  return word ^ word >>> 16;
}
