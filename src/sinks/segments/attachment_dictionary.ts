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

/** Values of one column by number of the attachment. All of them are known from the start. */
export class AttachmentDictionary implements TextDictionary {
  readonly #texts: readonly string[];
  readonly #codes = new Uint16Array(NUMBERS).fill(NONE);

  constructor(attachments: readonly Attachment[], column: "direction" | "interface") {
    this.#texts = [...new Set(attachments.map((attachment) => attachment[column]))];
    for (const attachment of attachments) {
      this.#codes[attachment.attachment] = this.#texts.indexOf(attachment[column]);
    }
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
      const code = this.#codes[numbers[first + index]!]!;
      if (code === NONE) {
        throw new RangeError(
          `Cannot store a packet of attachment ${numbers[first + index]}: there is none`,
        );
      }
      codes[offset + index] = code;
    }
  }
}
