/**
 * The walk over a BPF ring buffer's records, as a pure function over memory: no system call, no
 * native library. Mapping and waiting live in `ffi/`.
 *
 * Layout (kernel/bpf/ringbuf.c, `struct bpf_ringbuf_hdr`): each record starts with an 8-byte header
 * at an 8-byte aligned position. Its first word is the record's length, with bit 31 set while the
 * producer still writes (BPF_RINGBUF_BUSY_BIT) and bit 30 set when the record was discarded
 * (BPF_RINGBUF_DISCARD_BIT). The data area is mapped twice in a row, so a record that wraps is
 * contiguous in memory.
 *
 * @module
 */

const BUSY_BIT = 1 << 31;
const DISCARD_BIT = 1 << 30;
const HEADER_BYTES = 8;

/** Finds the committed records between two ring positions. Reused from turn to turn. */
export class RingWalk {
  /** Byte offset of each found record's data in the mapping; the first {@linkcode count} are valid. */
  readonly offsets: Uint32Array;
  /** Records found by the last {@linkcode walk}. */
  count = 0;
  /** Ring position behind the last record that was looked at: what the consumer may commit. */
  position = 0;
  /** Committed records, over all walks, whose length was not the expected one. They are passed over. */
  unreadable = 0;

  readonly #headers: Int32Array;
  readonly #ringBytes: number;
  readonly #recordBytes: number;

  /**
   * @param data the doubly mapped data area, `2 * ringBytes` bytes
   * @param ringBytes size of the ring, a power of two
   * @param recordBytes length that every record must have
   * @param capacity most records that one walk finds
   */
  constructor(data: ArrayBuffer, ringBytes: number, recordBytes: number, capacity: number) {
    this.#headers = new Int32Array(data);
    this.#ringBytes = ringBytes;
    this.#recordBytes = recordBytes;
    this.offsets = new Uint32Array(capacity);
  }

  /**
   * Looks at records from `consumer` up to `producer` and stops early at a record that is still
   * being written (it never waits for one) or when `limit` records were found.
   *
   * @param consumer position of the first record not yet consumed, in bytes since the ring's creation
   * @param producer position behind the last reserved record
   * @param limit most records to find, at most the capacity
   * @returns whether it stopped before `producer`
   * @throws {RangeError} if a header claims more bytes than the producer reserved
   */
  walk(consumer: number, producer: number, limit: number): boolean {
    const headers = this.#headers;
    const offsets = this.offsets;
    const ringBytes = this.#ringBytes;
    const recordBytes = this.#recordBytes;
    const most = Math.min(limit, offsets.length);
    let left = producer - consumer;
    let offset = consumer % ringBytes;
    let count = 0;
    while (left > 0 && count < most) {
      // Acquire load: pairs with the release in bpf_ringbuf_commit().
      const header = Atomics.load(headers, offset >>> 2);
      if (header & BUSY_BIT) break;
      const length = header & ~DISCARD_BIT;
      const bytes = (length + HEADER_BYTES + 7) & ~7;
      if (bytes > left) {
        throw new RangeError(
          `Cannot read the ring: a record claims ${length} bytes where ${left} are in use`,
        );
      }
      if (!(header & DISCARD_BIT)) {
        if (length === recordBytes) offsets[count++] = offset + HEADER_BYTES;
        else this.unreadable++;
      }
      left -= bytes;
      offset += bytes;
      if (offset >= ringBytes) offset -= ringBytes;
    }
    this.count = count;
    this.position = producer - left;
    return left > 0;
  }
}
