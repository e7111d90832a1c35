/**
 * Reads FlatBuffers (https://flatbuffers.dev/internals, "Encoding"), as far as Arrow's metadata needs it.
 * The bytes may come from anywhere: whatever leads outside of them is a `RangeError`, and nothing takes
 * more time or memory than they are long.
 *
 * @module
 */

const UTF8 = new TextDecoder();

/** A table: fields by their place in the schema, any of which may be left out. */
export class FlatTable {
  readonly #view: DataView;
  readonly #position: number;
  readonly #fields: number;
  readonly #fieldBytes: number;

  private constructor(view: DataView, position: number) {
    this.#view = view;
    this.#position = position;
    this.#fields = position - view.getInt32(position, true);
    this.#fieldBytes = view.getUint16(this.#fields, true);
  }

  /** The table that a buffer holds. */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatTable(view, view.getUint32(0, true));
  }

  int8(field: number, missing: number): number {
    const at = this.#find(field);
    return at === null ? missing : this.#view.getUint8(at);
  }

  int16(field: number, missing: number): number {
    const at = this.#find(field);
    return at === null ? missing : this.#view.getInt16(at, true);
  }

  int32(field: number, missing: number): number {
    const at = this.#find(field);
    return at === null ? missing : this.#view.getInt32(at, true);
  }

  /** @throws {RangeError} it is negative, or more than a number can say */
  size(field: number): number {
    const at = this.#find(field);
    return at === null ? 0 : this.#size(at);
  }

  table(field: number): FlatTable | null {
    const at = this.#find(field);
    return at === null ? null : new FlatTable(this.#view, this.#follow(at));
  }

  text(field: number): string {
    const at = this.#find(field);
    if (at === null) return "";
    const start = this.#follow(at);
    const length = this.#view.getUint32(start, true);
    this.#within(start + 4, length);
    return UTF8.decode(
      new Uint8Array(this.#view.buffer, this.#view.byteOffset + start + 4, length),
    );
  }

  /** The tables of a vector. Several may be one and the same, so their number is bounded. */
  tables(field: number, maxLength: number): FlatTable[] {
    const { start, length } = this.#vector(field, 4);
    if (length > maxLength) throw new RangeError("a list is too long");
    return Array.from(
      { length },
      (_, index) => new FlatTable(this.#view, this.#follow(start + 4 * index)),
    );
  }

  /** The structures of a vector that are two numbers of 64 bits each. */
  pairs(field: number): [number, number][] {
    const { start, length } = this.#vector(field, 16);
    return Array.from({ length }, (_, index) => {
      return [this.#size(start + 16 * index), this.#size(start + 16 * index + 8)];
    });
  }

  #vector(field: number, elementBytes: number): { start: number; length: number } {
    const at = this.#find(field);
    if (at === null) return { start: 0, length: 0 };
    const start = this.#follow(at);
    const length = this.#view.getUint32(start, true);
    this.#within(start + 4, length * elementBytes);
    return { start: start + 4, length };
  }

  #size(at: number): number {
    const value = Number(this.#view.getBigInt64(at, true));
    if (value < 0 || !Number.isSafeInteger(value)) throw new RangeError("a size is none");
    return value;
  }

  #find(field: number): number | null {
    const entry = 4 + 2 * field;
    if (entry + 2 > this.#fieldBytes) return null;
    const offset = this.#view.getUint16(this.#fields + entry, true);
    return offset === 0 ? null : this.#position + offset;
  }

  #follow(at: number): number {
    return at + this.#view.getUint32(at, true);
  }

  #within(start: number, length: number): void {
    if (start + length > this.#view.byteLength) throw new RangeError("a list is too long");
  }
}
