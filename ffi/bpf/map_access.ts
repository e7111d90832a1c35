/**
 * Reading per-CPU maps: every value comes once for each possible CPU and is summed here.
 *
 * @module
 */

import { checkLibbpf, ERRNO, SystemError } from "../linux/errno.ts";
import { libbpf } from "./load_libbpf.ts";
import { allocate } from "../linux/native_memory.ts";
import { type MapInfo, mapInfo } from "./object_info.ts";
import { possibleProcessors } from "../linux/processors.ts";

/** Bytes that the values of one batch may take, unless it has BATCH_MINIMUM entries only. */
const BATCH_VALUE_BYTES = 256 * 1024;
const BATCH_MINIMUM = 256;

const HIGH_WORD = 2 ** 32;

/** What one sender has sent. Exact below 2^53. */
export interface SenderTotal {
  /** Key of the map entry, a copy. */
  key: Uint8Array;
  packets: number;
  bytes: number;
}

/**
 * Entry 0 of a per-CPU array of 64-bit counters, summed over all possible CPUs.
 *
 * The CPUs go on counting meanwhile: the sums are exact only once nothing counts any more (after
 * detaching and {@link synchronizeRcu}).
 *
 * @param valueBytes bytes of one CPU's value, a multiple of 8
 */
export function readCounters(mapFd: number, valueBytes: number): BigUint64Array {
  // The kernel writes as much as a value has, whatever room there is.
  const info = mapInfo(mapFd);
  if (info.valueBytes !== valueBytes) {
    throw new TypeError(
      `Cannot read counters: a value has "${info.valueBytes}" bytes, wanted ${valueBytes}`,
    );
  }
  const fields = valueBytes / 8;
  const values = allocate(valueBytes * possibleProcessors());
  const key = allocate(4);
  checkLibbpf("read the packet counters", libbpf().bpf_map_lookup_elem(mapFd, key, values));
  const perCpu = new BigUint64Array(values.buffer);
  const sums = new BigUint64Array(fields);
  for (let index = 0; index < perCpu.length; index++) {
    const field = index % fields;
    sums[field] = (sums[field] ?? 0n) + (perCpu[index] ?? 0n);
  }
  return sums;
}

/**
 * Sets entry 0 of an array map with 4-byte values.
 *
 * @param value unsigned, 32 bits
 */
export function writeArrayEntry(mapFd: number, value: number): void {
  const info = mapInfo(mapFd);
  if (info.valueBytes !== 4) {
    throw new TypeError(`Cannot write an entry: a value has "${info.valueBytes}" bytes, wanted 4`);
  }
  const bytes = allocate(4);
  new Uint32Array(bytes.buffer, bytes.byteOffset, 1)[0] = value;
  checkLibbpf("write a map entry", libbpf().bpf_map_update_elem(mapFd, allocate(4), bytes, 0n));
}

/**
 * The `limit` entries with the most bytes of a per-CPU hash from sender to `{u64 packets, u64
 * bytes}`, most first. Takes all entries out of the map, in batches (Linux 5.6): each call gives what
 * came since the last one. What is being counted at that moment may be lost.
 */
export function takeSenders(mapFd: number, limit: number): SenderTotal[] {
  const info = mapInfo(mapFd);
  if (info.valueBytes !== 16) {
    throw new TypeError(`Cannot read senders: a value has "${info.valueBytes}" bytes, wanted 16`);
  }
  const top = new TopSenders(limit);
  takeBatches(mapFd, info, (batch, count) => {
    for (let entry = 0; entry < count; entry++) addEntry(top, batch, entry);
  });
  return top.result();
}

interface Batch {
  readonly keys: Uint8Array<ArrayBuffer>;
  readonly keyBytes: number;
  /** Per entry and CPU: packets and bytes, each as low and high word. */
  readonly words: Uint32Array;
  readonly wordsPerEntry: number;
}

function addEntry(top: TopSenders, batch: Batch, entry: number): void {
  let packets = 0;
  let bytes = 0;
  const { words, wordsPerEntry } = batch;
  const end = (entry + 1) * wordsPerEntry;
  for (let word = entry * wordsPerEntry; word < end; word += 4) {
    packets += (words[word] ?? 0) + (words[word + 1] ?? 0) * HIGH_WORD;
    bytes += (words[word + 2] ?? 0) + (words[word + 3] ?? 0) * HIGH_WORD;
  }
  if (!top.wants(bytes)) return;
  const start = entry * batch.keyBytes;
  top.add({ key: batch.keys.slice(start, start + batch.keyBytes), packets, bytes });
}

function takeBatches(
  mapFd: number,
  info: MapInfo,
  take: (batch: Batch, count: number) => void,
): void {
  const entryBytes = info.valueBytes * possibleProcessors();
  // Where the next batch starts: a bucket number, written by the kernel.
  const cursor = allocate(4);
  const count = new Uint32Array(new ArrayBuffer(4));
  let first = true;
  let capacity = Math.max(BATCH_MINIMUM, Math.floor(BATCH_VALUE_BYTES / entryBytes));
  capacity = Math.min(capacity, Math.max(BATCH_MINIMUM, info.maxEntries));
  let keys = allocate(capacity * info.keyBytes);
  let values = allocate(capacity * entryBytes);
  while (true) {
    count[0] = capacity;
    const from = first ? null : cursor;
    const result = libbpf().bpf_map_lookup_and_delete_batch(
      mapFd,
      from,
      cursor,
      keys,
      values,
      count,
      null,
    );
    if (result === -ERRNO.ENOSPC) {
      // One bucket of the hash has more entries than fit.
      capacity *= 2;
      keys = allocate(capacity * info.keyBytes);
      values = allocate(capacity * entryBytes);
      continue;
    }
    if (result < 0 && result !== -ERRNO.ENOENT) {
      throw new SystemError("read the sender statistics", -result);
    }
    take({
      keys,
      keyBytes: info.keyBytes,
      words: new Uint32Array(values.buffer),
      wordsPerEntry: entryBytes / 4,
    }, count[0] ?? 0);
    if (result === -ERRNO.ENOENT) return;
    first = false;
  }
}

/** Keeps the entries with the most bytes, sorting only now and then. */
class TopSenders {
  readonly #limit: number;
  #kept: SenderTotal[] = [];
  #smallest = -1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  wants(bytes: number): boolean {
    return bytes > this.#smallest && this.#limit > 0;
  }

  add(sender: SenderTotal): void {
    this.#kept.push(sender);
    if (this.#kept.length < 2 * this.#limit) return;
    this.#kept = this.result();
    this.#smallest = this.#kept.at(-1)?.bytes ?? -1;
  }

  result(): SenderTotal[] {
    return this.#kept.sort((left, right) => right.bytes - left.bytes).slice(0, this.#limit);
  }
}
