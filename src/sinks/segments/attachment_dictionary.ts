/**
 * Dictionary codes for the columns that an attachment says: `direction` and `interface`.
 *
 * @module
 */
import type { ColumnBatch } from "../../batch/column_batch.ts";
import type { Attachment } from "../../contract/attachment.ts";
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
    const known = this.#texts.indexOf(text);
    return this.#codes[attachment] = known === -1 ? this.#texts.push(text) - 1 : known;
  }
}
