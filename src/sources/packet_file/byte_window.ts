/**
 * A moving view of a stream of bytes: what is being looked at lies in one piece of memory, and that is
 * all that is kept.
 *
 * @module
 */

/** Where bytes come from. */
export interface ByteSource {
  /**
   * Reads into `to`, as many bytes as are there, at least one.
   *
   * @returns how many; 0 at the end
   * @throws {RunError} if reading fails
   */
  read(to: Uint8Array): Promise<number>;
}

export class ByteWindow {
  /** The memory of the window. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same, for numbers. */
  readonly view: DataView<ArrayBuffer>;
  /** The bytes that are there and not passed: from here, as an index of {@linkcode bytes}, */
  start = 0;
  /** to before here. */
  end = 0;
  /** Position in the stream of the byte at index 0. */
  #origin = 0;
  readonly #source: ByteSource;

  /** @param bytes memory that is the window's alone */
  constructor(source: ByteSource, bytes: Uint8Array<ArrayBuffer>) {
    this.#source = source;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Position in the stream of the next byte. */
  get position(): number {
    return this.#origin + this.start;
  }

  /** Bytes that are there. */
  get length(): number {
    return this.end - this.start;
  }

  /**
   * Makes sure that `count` bytes are there, no more than the window is long. What is there moves: no
   * index from before is valid.
   *
   * @returns false if the stream ends before
   */
  async fill(count: number): Promise<boolean> {
    if (this.length >= count) return true;
    this.bytes.copyWithin(0, this.start, this.end);
    this.#origin += this.start;
    this.end -= this.start;
    this.start = 0;
    while (this.end < count) {
      const read = await this.#source.read(this.bytes.subarray(this.end));
      if (read === 0) return false;
      this.end += read;
    }
    return true;
  }

  /**
   * Passes over `count` bytes, however many. Afterwards no index from before is valid.
   *
   * @returns false if the stream ends before
   */
  async skip(count: number): Promise<boolean> {
    for (let left = count;;) {
      const here = Math.min(left, this.length);
      this.start += here;
      left -= here;
      if (left === 0) return true;
      if (!await this.fill(1)) return false;
    }
  }
}
