/**
 * Packets out of Arrow IPC, as `record -o -` and `convert` write them: a stream, or a file, which holds
 * one between its magic number and its footer
 * (https://arrow.apache.org/docs/format/Columnar.html, "IPC File Format").
 *
 * @module
 */
import { BATCH_ROWS, type ColumnBatch } from "../batch/column_batch.ts";
import type { Attachment } from "../contract/attachment.ts";
import { COLUMNS } from "../contract/columns.ts";
import { type ArrowMessage, arrowMessages, damaged, MESSAGE_KIND } from "./arrow_messages.ts";
import { type ArrowField, type ArrowSchema, readArrowSchema } from "./arrow_schema.ts";
import { ArrowBatch, ArrowValues, fits } from "./arrow_values.ts";
import type { ForeignBytes, ForeignRows } from "./foreign_rows.ts";
import { notOfRecording, RowColumns } from "./row_columns.ts";

/** A stream that is being read. */
export class ArrowRows implements ForeignRows {
  readonly #label: string;
  readonly #fields: readonly ArrowField[];
  readonly #columns: RowColumns;
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
    this.#fields = fieldsOf(label, schema);
    this.#columns = new RowColumns(label);
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
        this.#columns.begin(this.#fields.map((field) => new ArrowValues(field, found)), found.rows);
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

/**
 * The fields of our columns.
 *
 * @throws {RunError} they are not those of a recording
 */
function fieldsOf(label: string, { fields }: ArrowSchema): ArrowField[] {
  return COLUMNS.map(({ name, type }) => {
    const [field, ...more] = fields.filter((one) => one.name === name);
    if (field === undefined) throw notOfRecording(label, `missing column "${name}"`);
    if (more.length > 0) throw notOfRecording(label, `it has column "${name}" twice`);
    if (fits(field, type)) return field;
    throw notOfRecording(label, `"${name}" is ${field.type}, not ${type}`);
  });
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
