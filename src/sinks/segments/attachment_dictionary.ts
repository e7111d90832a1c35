/**
 * Dictionary codes for the columns that an attachment says: `direction` and `interface`.
 *
 * @module
 */
import type { ColumnBatch } from "../../batch/column_batch.ts";
import type { Attachment } from "../../contract/attachment.ts";
import { ROW_PRESENT } from "../../contract/columns.ts";
import type { TextDictionary } from "./address_dictionary.ts";

const NUMBERS = 256;

/** No attachment has this number. */
const NONE = 0xffff;

/** Values of one column by number of the attachment. */
export class AttachmentDictionary implements TextDictionary {
  readonly #attachments: readonly Attachment[];
  readonly #column: "direction" | "interface";
  readonly #texts: string[] = [];
  readonly #codes = new Uint16Array(NUMBERS).fill(NONE);

  /** @param attachments more may be added to it, until a row of one comes */
  constructor(attachments: readonly Attachment[], column: "direction" | "interface") {
    this.#attachments = attachments;
    this.#column = column;
    for (const attachment of attachments) this.#add(attachment);
  }

  get size(): number {
    return this.#texts.length;
  }

  clear(): void {}

  texts(): string[] {
    return [...this.#texts];
  }

  encode(batch: ColumnBatch, first: number, rows: number, codes: Uint16Array, offset: number) {
    const numbers = batch.attachment;
    for (let index = 0; index < rows; index++) {
      const number = numbers[first + index]!;
      const code = this.#codes[number]!;
      codes[offset + index] = code === NONE ? this.#find(number) : code;
    }
  }

  /** A file says what it holds while it is read. */
  #find(number: number): number {
    const attachment = this.#attachments.find((one) => one.attachment === number);
    if (attachment !== undefined) return this.#add(attachment);
    throw new RangeError(`Cannot store a packet of attachment ${number}: there is none`);
  }

  #add({ attachment, [this.#column]: text }: Attachment): number {
    // NULL has no text: `AttachmentPresence` says so, and no code is looked at.
    if (text === null) return this.#codes[attachment] = 0;
    const known = this.#texts.indexOf(text);
    return this.#codes[attachment] = known === -1 ? this.#texts.push(text) - 1 : known;
  }
}

/** Which of both columns have a value, by number of the attachment. */
export class AttachmentPresence {
  readonly #attachments: readonly Attachment[];
  readonly #bits = new Uint16Array(NUMBERS).fill(NONE);

  /** @param attachments as those of {@linkcode AttachmentDictionary} */
  constructor(attachments: readonly Attachment[]) {
    this.#attachments = attachments;
  }

  /** Adds the bits of `ROW_PRESENT` to those of the records. */
  add(batch: ColumnBatch, first: number, rows: number, present: Uint16Array, offset: number) {
    const { present: records, attachment: numbers } = batch;
    for (let index = 0; index < rows; index++) {
      const number = numbers[first + index]!;
      const bits = this.#bits[number]!;
      present[offset + index] = records[first + index]! |
        (bits === NONE ? this.#find(number) : bits);
    }
  }

  #find(number: number): number {
    const one = this.#attachments.find(({ attachment }) => attachment === number);
    // The dictionary refuses it.
    if (one === undefined) return 0;
    return this.#bits[number] = (one.direction === null ? 0 : ROW_PRESENT.DIRECTION) |
      (one.interface === null ? 0 : ROW_PRESENT.INTERFACE);
  }
}
