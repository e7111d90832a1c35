import assert from "node:assert/strict";
import type { ColumnBatch } from "../../../src/batch/column_batch.ts";
import { FanOut } from "../../../src/sinks/fan_out.ts";
import type { RowSink } from "../../../src/sinks/row_sink.ts";

/** A sink that writes down what is asked of it. */
class Notes implements RowSink {
  readonly #events: string[];
  readonly #name: string;
  readonly writtenBytes: number;
  rows = 0;
  refuses = false;

  constructor(events: string[], name: string, writtenBytes: number) {
    this.#events = events;
    this.#name = name;
    this.writtenBytes = writtenBytes;
  }

  append(_batch: ColumnBatch, rows: number): void {
    this.#note(`append ${rows}`);
    this.rows += rows;
  }

  closeSegment(): void {
    this.#note("close segment");
  }

  finish(): number {
    this.#note("finish");
    return this.rows;
  }

  complete(metadata: Readonly<Record<string, string>>): number {
    this.#note(`complete ${metadata.a}`);
    return this.writtenBytes * 10;
  }

  [Symbol.dispose](): void {
    this.#note("dispose");
    if (this.refuses) throw new Error(`Cannot dispose of ${this.#name}: a test`);
  }

  #note(event: string): void {
    this.#events.push(`${this.#name} ${event}`);
  }
}

function two() {
  const events: string[] = [];
  const first = new Notes(events, "first", 3);
  const second = new Notes(events, "second", 5);
  return { events, first, second, sink: new FanOut([first, second]) };
}

Deno.test("FanOut does everything with each sink, and tells the bytes of the first", () => {
  const { events, sink } = two();
  sink.append({} as ColumnBatch, 7);
  sink.closeSegment();
  assert.equal(sink.writtenBytes, 3);
  assert.equal(sink.finish(), 7);
  assert.equal(sink.complete({ a: "b" }), 30);
  assert.deepEqual(
    events,
    ["append 7", "close segment", "finish", "complete b"].flatMap((event) => [
      `first ${event}`,
      `second ${event}`,
    ]),
  );
});

Deno.test("FanOut tells what only some of its sinks have to tell", () => {
  const { first, second, sink } = two();
  assert.deepEqual([sink.lost, sink.newAddresses, sink.tend()], [[], 0, Infinity]);
  Object.assign(second, { lost: [[9, 9]], newAddresses: 7, tend: () => 500 });
  assert.deepEqual([sink.lost, sink.newAddresses, sink.tend()], [[], 7, 500]);
  Object.assign(first, { lost: [[3, 30]], newAddresses: 5, tend: () => 2000 });
  assert.deepEqual([sink.lost, sink.newAddresses, sink.tend()], [[[3, 30]], 7, 500]);
});

Deno.test("FanOut.finish() fails when one sink has lost a row", () => {
  const { sink, second } = two();
  sink.append({} as ColumnBatch, 7);
  second.rows--;
  assert.throws(() => sink.finish(), {
    message: "Cannot account for every row: the sinks wrote 7, 6",
  });
});

Deno.test("FanOut disposes of every sink, also when one cannot be", () => {
  const { events, sink, second } = two();
  second.refuses = true;
  assert.throws(() => sink[Symbol.dispose](), { message: "Cannot dispose of second: a test" });
  assert.deepEqual(events, ["second dispose", "first dispose"]);
});
