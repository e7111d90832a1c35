/**
 * The memory that a BPF ring map shares with user space (`kernel/bpf/ringbuf.c`):
 *
 * ```text
 * offset 0          page:  consumer position, u64, ours to write
 * offset 1 page     page:  producer position, u64, read only
 * offset 2 pages    size:  data, read only
 * then              size:  the same data again, so that no record is torn at the end
 * ```
 *
 * @module
 */

import { checkLibc, lastErrno, prepareErrno, SystemError } from "./errno.ts";
import { libc } from "./load_library.ts";
import { closedError } from "./native_memory.ts";

/** `sys/mman.h`. */
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
/** The pointer that mmap returns on failure, -1. */
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

/** `bits/confname.h` of the GNU C library. */
const _SC_PAGESIZE = 30;

interface Mapping {
  readonly address: Deno.PointerObject;
  readonly bytes: number;
}

/** Owner of the mappings of one ring. */
export class RingMemory implements Disposable {
  /** Bytes of the ring, a power of two: a position modulo this is an offset into `data`. */
  readonly sizeBytes: number;
  #mappings: Mapping[] = [];
  #consumer: BigInt64Array | undefined;
  #producer: BigInt64Array | undefined;
  #data: ArrayBuffer | undefined;

  private constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }

  /**
   * Maps the ring with the fd `mapFd` and `sizeBytes` (`max_entries`) of data. The mapping outlives
   * the fd.
   *
   * @throws {SystemError} if the kernel refuses it, `EPERM` or `EINVAL` if this is no ring of that
   * size
   */
  static map(mapFd: number, sizeBytes: number): RingMemory {
    const ring = new RingMemory(sizeBytes);
    try {
      const page = pageBytes();
      const consumer = ring.#map(mapFd, page, PROT_READ | PROT_WRITE, 0);
      ring.#consumer = new BigInt64Array(bufferOf(consumer, 8, 0));
      const producer = ring.#map(mapFd, page + 2 * sizeBytes, PROT_READ, page);
      ring.#producer = new BigInt64Array(bufferOf(producer, 8, 0));
      ring.#data = bufferOf(producer, 2 * sizeBytes, page);
      return ring;
    } catch (error) {
      ring[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * The data, twice (2 * `sizeBytes`), read only: writing to it ends the process with SIGSEGV.
   * Borrowed: `[Symbol.dispose]` detaches it, so a view that is kept becomes empty.
   */
  get data(): ArrayBuffer {
    if (this.#data === undefined) throw closedError("RingMemory");
    return this.#data;
  }

  /**
   * Bytes reserved by the kernel since the ring was made. All headers before it are valid.
   *
   * The 64-bit load is atomic, so it cannot be torn, and is ordered before the loads of the record
   * headers: `smp_load_acquire` of libbpf's `ringbuf_process_ring`. It costs one small BigInt per
   * call, hence call it per drained run, not per record.
   *
   * @throws {RangeError} from 2^53 bytes on (200 days at 500 MB/s), where a number is not exact
   */
  producerPosition(): number {
    if (this.#producer === undefined) throw closedError("RingMemory");
    return position(Atomics.load(this.#producer, 0));
  }

  /** Bytes that user space is done with; the kernel may overwrite what is before it. */
  consumerPosition(): number {
    if (this.#consumer === undefined) throw closedError("RingMemory");
    return position(Atomics.load(this.#consumer, 0));
  }

  /**
   * Gives everything before `position` back to the kernel. Sequentially consistent, as the pair of
   * this store and the following load of the producer position must be: otherwise a wake-up can
   * be lost (`kernel/bpf/ringbuf.c`, `bpf_ringbuf_commit`).
   */
  commitConsumer(position: number): void {
    if (this.#consumer === undefined) throw closedError("RingMemory");
    Atomics.store(this.#consumer, 0, BigInt(position));
  }

  [Symbol.dispose](): void {
    // Detached first: an access to memory that is no longer mapped would end the process.
    for (const buffer of [this.#data, this.#producer?.buffer, this.#consumer?.buffer]) {
      if (buffer instanceof ArrayBuffer) buffer.transfer();
    }
    this.#data = undefined;
    this.#producer = undefined;
    this.#consumer = undefined;
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
function bufferOf(mapping: Mapping, bytes: number, offset: number): ArrayBuffer {
  return Deno.UnsafePointerView.getArrayBuffer(mapping.address, bytes, offset);
}

function position(bytes: bigint): number {
  const result = Number(bytes);
  if (!Number.isSafeInteger(result)) {
    throw new RangeError(`Cannot read the ring: position "${bytes}" is beyond 2^53`);
  }
  return result;
}
