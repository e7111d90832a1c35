/**
 * Dictionary codes for the columns that an attachment says: `direction` and `interface`.
 *
 * @module
 */
import type { ColumnBatch } from "../../batch/column_batch.ts";
import type { Attachment } from "../../contract/attachment.ts";
import type { TextDictionary } from "./address_dictionary.ts";

const SLOTS = 256;

/** No attachment has this slot. */
const NONE = 0xffff;

/** Values of one column by slot. All of them are known from the start. */
export class AttachmentDictionary implements TextDictionary {
  readonly #texts: readonly string[];
  readonly #codes = new Uint16Array(SLOTS).fill(NONE);

  constructor(attachments: readonly Attachment[], column: "direction" | "interface") {
    this.#texts = [...new Set(attachments.map((attachment) => attachment[column]))];
    for (const attachment of attachments) {
      this.#codes[attachment.slot] = this.#texts.indexOf(attachment[column]);
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
    const { slot } = batch;
    for (let index = 0; index < rows; index++) {
      const code = this.#codes[slot[first + index]!]!;
      if (code === NONE) {
        throw new RangeError(`Cannot store a packet of slot ${slot[first + index]}: no attachment`);
      }
      codes[offset + index] = code;
    }
  }
}
