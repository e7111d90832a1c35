/**
 * Packets out of Arrow IPC, as `record -o -` and `convert` write them: a stream, or a file, which holds
 * one between its magic number and its footer
 * (https://arrow.apache.org/docs/format/Columnar.html, "IPC File Format").
 *
 * @module
 */
import { BATCH_ROWS, type ColumnBatch } from "../batch/column_batch.ts";
import type { Attachment } from "../contract/attachment.ts";
import { ArrowColumns } from "./arrow_columns.ts";
import { type ArrowMessage, arrowMessages, damaged, MESSAGE_KIND } from "./arrow_messages.ts";
import { type ArrowSchema, readArrowSchema } from "./arrow_schema.ts";
import { ArrowBatch } from "./arrow_values.ts";
import type { ForeignBytes, ForeignRows } from "./foreign_rows.ts";

/** A stream that is being read. */
export class ArrowRows implements ForeignRows {
  readonly #label: string;
  readonly #columns: ArrowColumns;
  readonly #messages: AsyncIterator<ArrowMessage>;
  readonly #metadata: ReadonlyMap<string, string>;
  #rows = 0;
  #taken = 0;

  private constructor(
    label: string,
    schema: ArrowSchema,
    messages: AsyncIterator<ArrowMessage>,
  ) {
    this.#label = label;
    this.#columns = new ArrowColumns(label, schema.fields);
    this.#metadata = schema.metadata;
    this.#messages = messages;
  }

  /** @throws {RunError} it has no schema, or not that of a recording */
  static async open(bytes: ForeignBytes): Promise<ArrowRows> {
    const messages = arrowMessages(bytes);
    const first = await messages.next();
    if (first.done || first.value.kind !== MESSAGE_KIND.SCHEMA) {
      throw damaged(bytes, "it has no schema");
    }
    const schema = explained(bytes.label, () => readArrowSchema(first.value.header));
    return new ArrowRows(bytes.label, schema, messages);
  }

  get attachments(): readonly Attachment[] {
    return this.#columns.attachments;
  }

  async fill(batch: ColumnBatch): Promise<number> {
    while (this.#taken === this.#rows) {
      const next = await this.#messages.next();
      if (next.done) return 0;
      // Dictionaries are of columns that are passed over.
      if (next.value.kind !== MESSAGE_KIND.RECORD_BATCH) continue;
      this.#rows = explained(this.#label, () => {
        const found = new ArrowBatch(next.value);
        this.#columns.begin(found);
        return found.rows;
      });
      this.#taken = 0;
    }
    const rows = Math.min(BATCH_ROWS, this.#rows - this.#taken);
    this.#columns.copy(batch, this.#taken, rows);
    this.#taken += rows;
    return rows;
  }

  metadata(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#metadata);
  }

  /** The bytes are their owner's. */
  [Symbol.dispose](): void {}
}

/** What leads outside of the bytes is damage. */
function explained<T>(label: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw damaged({ label }, cause.message, cause);
  }
}
