/**
 * Packets as an Arrow IPC stream, the same as `record -o -` writes.
 *
 * @module
 */
import { BATCH_BYTES, BATCH_ROWS, createBatch } from "../../batch/column_batch.ts";
import type { PacketCopy } from "../../query/packet_copy.ts";
import type { Value } from "../../query/session.ts";
import { ArrowStream } from "../../sinks/arrow_stream.ts";
import { RowColumns, type RowValues } from "../../sources/row_columns.ts";
import type { Destination } from "./destination.ts";

/** @returns rows that were written */
export async function writeArrow(packets: PacketCopy, target: Destination): Promise<bigint> {
  // The metadata comes first: what there is must be counted before.
  const metadata = packets.metadata(await packets.count());
  const columns = new RowColumns("the selected packets");
  const parts: Uint8Array<ArrayBuffer>[] = [];
  using stream = new ArrowStream({
    attachments: columns.attachments,
    metadata,
    write: (part) => void parts.push(Uint8Array.from(part)),
  });
  const flush = async () => {
    for (const part of parts.splice(0)) await target.write(part);
  };
  const batch = createBatch(new ArrayBuffer(BATCH_BYTES));
  let rows = 0n;
  for await (const group of grouped(packets.columns())) {
    columns.begin(group.columns.map((values) => new ListedValues(values)), group.rows);
    columns.copy(batch, 0, group.rows);
    stream.append(batch, group.rows);
    rows += BigInt(group.rows);
    await flush();
  }
  stream.finish();
  await flush();
  return rows;
}

type Group = { rows: number; columns: readonly (readonly Value[])[] };

/** As many rows at once as fit a batch: a record batch has a cost of its own. */
async function* grouped(groups: AsyncIterable<Group>): AsyncGenerator<Group> {
  let waiting: Value[][] = [];
  let rows = 0;
  for await (const { rows: more, columns } of groups) {
    if (rows + more > BATCH_ROWS) {
      yield { rows, columns: waiting };
      waiting = [];
      rows = 0;
    }
    columns.forEach((values, index) => {
      const all = waiting[index] ??= [];
      for (const value of values) all.push(value);
    });
    rows += more;
  }
  if (rows > 0) yield { rows, columns: waiting };
}

/** Values of a column as DuckDB gives them. */
class ListedValues implements RowValues {
  readonly #values: readonly Value[];

  constructor(values: readonly Value[]) {
    this.#values = values;
  }

  isThere(row: number): boolean {
    return this.#values[row] !== null;
  }

  number(row: number): number {
    return this.#values[row] as number;
  }

  boolean(row: number): boolean {
    return this.#values[row] as boolean;
  }

  time(row: number): bigint {
    return this.#values[row] as bigint;
  }

  texts(first: number): (index: number) => string {
    return (index) => String(this.#values[first + index] ?? "");
  }
}
