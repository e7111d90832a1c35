/**
 * The maps of the rings in the memory of user space: `bpf/ring.h`.
 *
 *  - `ring`, an array of slots, those of one ring after those of the other, read only
 *  - `ring_positions`: how far programs and reader are, for each ring
 *  - `doorbell`, a ring buffer of the kernel (`kernel/bpf/ringbuf.c`): a page with the consumer's
 *    position, ours to write, then a page with the producer's, then what nobody reads
 *
 * @module
 */

import { POSITION_OFFSET, POSITIONS_BYTES, SLOT_BYTES } from "../../src/contract/record_layout.ts";
import { checkLibc, lastErrno, prepareErrno, SystemError } from "../linux/errno.ts";
import { libc } from "../linux/load_libc.ts";
import { closedError } from "../linux/native_memory.ts";

/** `sys/mman.h`. */
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
/** The pointer that mmap returns on failure, -1. */
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

/** `bits/confname.h` of the GNU C library. */
const _SC_PAGESIZE = 30;

const WORD_BYTES = BigInt64Array.BYTES_PER_ELEMENT;
const CONSUMER = POSITION_OFFSET.consumer / WORD_BYTES;
const PRODUCER = POSITION_OFFSET.producer / WORD_BYTES;
const RING_WORDS = POSITIONS_BYTES / WORD_BYTES;

/** The fds of the maps of the rings, and their size. Threads can pass it to each other. */
export interface RingMaps {
  readonly slotsFd: number;
  readonly positionsFd: number;
  /** Readable, for `epoll`, from a wake-up on until {@linkcode RingMemory.answerDoorbell}. */
  readonly doorbellFd: number;
  /** Number of rings. */
  readonly rings: number;
  /** Slots of each ring. */
  readonly slots: number;
}

interface Mapping {
  readonly address: Deno.PointerObject;
  readonly bytes: number;
}

/** Owner of the mappings of the rings. */
export class RingMemory implements Disposable {
  readonly rings: number;
  /** Slots of each ring. */
  readonly slots: number;
  #mappings: Mapping[] = [];
  #positions: BigInt64Array | undefined;
  #doorbellConsumer: BigInt64Array | undefined;
  #doorbellProducer: BigInt64Array | undefined;
  #data: ArrayBuffer | undefined;

  private constructor({ rings, slots }: RingMaps) {
    this.rings = rings;
    this.slots = slots;
  }

  /**
   * Maps the rings. The mapping outlives the fds.
   *
   * @throws {SystemError} if the kernel refuses it, `EINVAL` or `EPERM` if these are no such maps
   */
  static map(maps: RingMaps): RingMemory {
    const { slotsFd, positionsFd, doorbellFd, rings, slots } = maps;
    const ring = new RingMemory(maps);
    try {
      const page = pageBytes();
      const bytes = rings * slots * SLOT_BYTES;
      ring.#data = bufferOf(ring.#map(slotsFd, bytes, PROT_READ, 0), bytes);
      const all = rings * POSITIONS_BYTES;
      ring.#positions = words(ring.#map(positionsFd, all, PROT_READ | PROT_WRITE, 0), all);
      const writable = ring.#map(doorbellFd, page, PROT_READ | PROT_WRITE, 0);
      ring.#doorbellConsumer = words(writable, WORD_BYTES);
      ring.#doorbellProducer = words(ring.#map(doorbellFd, page, PROT_READ, page), WORD_BYTES);
      return ring;
    } catch (error) {
      ring[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * The slots of all rings, read only: writing to them ends the process with SIGSEGV. Borrowed:
   * `[Symbol.dispose]` detaches it, so a view that is kept becomes empty.
   */
  get data(): ArrayBuffer {
    if (this.#data === undefined) throw closedError("RingMemory");
    return this.#data;
  }

  /**
   * Records that programs have claimed in a ring since it was made.
   *
   * The 64-bit load is atomic, so it cannot be torn. It costs one small BigInt per call, hence call it
   * per drained run, not per record.
   *
   * @throws {RangeError} from 2^53 on (95 years at 3 M/s), where a number is not exact
   */
  producerPosition(ring: number): number {
    if (this.#positions === undefined) throw closedError("RingMemory");
    return position(Atomics.load(this.#positions, ring * RING_WORDS + PRODUCER));
  }

  /** Records of a ring that user space is done with; programs may overwrite what is before it. */
  consumerPosition(ring: number): number {
    if (this.#positions === undefined) throw closedError("RingMemory");
    return position(Atomics.load(this.#positions, ring * RING_WORDS + CONSUMER));
  }

  /** Gives everything before `position` back to the programs. */
  commitConsumer(ring: number, position: number): void {
    if (this.#positions === undefined) throw closedError("RingMemory");
    Atomics.store(this.#positions, ring * RING_WORDS + CONSUMER, BigInt(position));
  }

  /**
   * Makes room for new wake-ups. Call it before looking for records: what comes after that look then
   * rings again.
   */
  answerDoorbell(): void {
    if (this.#doorbellConsumer === undefined) throw closedError("RingMemory");
    Atomics.store(this.#doorbellConsumer, 0, Atomics.load(this.#doorbellProducer!, 0));
  }

  [Symbol.dispose](): void {
    // Detached first: an access to memory that is no longer mapped would end the process.
    const views = [this.#positions, this.#doorbellConsumer, this.#doorbellProducer];
    for (const buffer of [this.#data, ...views.map((view) => view?.buffer)]) {
      if (buffer instanceof ArrayBuffer) buffer.transfer();
    }
    this.#data = undefined;
    this.#positions = undefined;
    this.#doorbellConsumer = undefined;
    this.#doorbellProducer = undefined;
    for (const { address, bytes } of this.#mappings.reverse()) {
      libc().munmap(address, BigInt(bytes));
    }
    this.#mappings = [];
  }

  #map(mapFd: number, bytes: number, protection: number, offset: number): Mapping {
    prepareErrno();
    const address = libc()
      .mmap(null, BigInt(bytes), protection, MAP_SHARED, mapFd, BigInt(offset));
    const errno = lastErrno();
    if (address === null || Deno.UnsafePointer.value(address) === MAP_FAILED) {
      throw new SystemError(`map ${bytes} bytes of the ring`, errno);
    }
    const mapping = { address, bytes };
    this.#mappings.push(mapping);
    return mapping;
  }
}

/** Bytes of a memory page of this machine. */
export function pageBytes(): number {
  return Number(checkLibc("read the page size", (symbols) => symbols.sysconf(_SC_PAGESIZE)));
}

/** A view of mapped memory, not a copy. */
function bufferOf(mapping: Mapping, bytes: number): ArrayBuffer {
  return Deno.UnsafePointerView.getArrayBuffer(mapping.address, bytes);
}

function words(mapping: Mapping, bytes: number): BigInt64Array {
  return new BigInt64Array(bufferOf(mapping, bytes));
}

function position(records: bigint): number {
  const result = Number(records);
  if (!Number.isSafeInteger(result)) {
    throw new RangeError(`Cannot read the ring: position "${records}" is beyond 2^53`);
  }
  return result;
}
