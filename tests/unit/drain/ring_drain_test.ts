import assert from "node:assert/strict";
import { BatchConsumer, BatchProducer, createQueueMemory } from "../../../src/batch/batch_queue.ts";
import { BATCH_ROWS } from "../../../src/batch/column_batch.ts";
import { RingDrain, type Rings } from "../../../src/drain/ring_drain.ts";
import { SLOT_BYTES } from "../../../src/contract/record_layout.ts";
import { limitEndlessWaits } from "../../support/endless_wait.ts";
import { recordBytes, RingImage } from "../../support/ring_image.ts";

// Nobody else fills the queues of this thread: a wait without a time limit is for ever.
limitEndlessWaits(0);

const CLOCK = { low: 0, high: 0 };

function setUp(slots = 64, depth = 2) {
  const memory = createQueueMemory(depth);
  const ring = new RingImage(slots);
  const drain = new RingDrain(ring, new BatchProducer(memory));
  return { ring, drain, consumer: new BatchConsumer(memory) };
}

Deno.test("RingDrain.turn() moves records into a batch and commits the ring", () => {
  const { ring, drain, consumer } = setUp();
  for (let i = 0; i < 3; i++) ring.push(recordBytes({ packet_length: 60 + i }));
  assert.equal(drain.turn(CLOCK), "empty");
  assert.equal(ring.consumer, ring.producer);
  drain.flush();
  const { batch, rows } = consumer.next()!;
  assert.equal(rows, 3);
  assert.deepEqual([...batch.packetLength.subarray(0, 3)], [60, 61, 62]);
  assert.equal(drain.records, 3);
});

Deno.test("RingDrain.turn() leaves a record that is being written for the next turn", () => {
  const { ring, drain, consumer } = setUp();
  ring.push(recordBytes({ packet_length: 1 }));
  const busy = ring.push(recordBytes({ packet_length: 2 }), "busy");
  assert.equal(drain.turn(CLOCK), "busy");
  assert.equal(ring.consumer, busy);
  ring.complete(busy);
  assert.equal(drain.turn(CLOCK), "empty");
  drain.flush();
  assert.equal(consumer.next()?.rows, 2);
});

Deno.test("RingDrain.turn() leaves records in the ring while the queue is full", () => {
  const { ring, drain, consumer } = setUp(64, 1);
  let pushed = 0;
  const fill = () => {
    for (let i = 0; i < 40; i++) ring.push(recordBytes({ packet_length: pushed++ }));
  };
  while (pushed + 40 < BATCH_ROWS) {
    fill();
    assert.equal(drain.turn(CLOCK), "empty");
  }
  fill();
  assert.equal(drain.turn(CLOCK), "full");
  assert.equal(drain.records, BATCH_ROWS);
  const left = pushed - BATCH_ROWS;
  assert.equal(ring.producer - ring.consumer, left);
  assert.equal(consumer.next()?.rows, BATCH_ROWS);
  consumer.release();
  assert.equal(drain.turn(CLOCK), "empty");
  drain.flush();
  const { batch, rows } = consumer.next()!;
  assert.equal(rows, left);
  assert.equal(batch.packetLength[0], BATCH_ROWS);
});

for (const [came, result] of [[0, "empty"], [1, "few"], [1023, "few"], [1024, "more"]] as const) {
  Deno.test(`RingDrain.turn() says ${result} when ${came} records came meanwhile`, () => {
    const { ring, drain } = setUp(2048, 64);
    const bytes = recordBytes({});
    ring.push(bytes);
    const commit = ring.commitConsumer;
    ring.commitConsumer = (number, position) => {
      commit(number, position);
      for (let i = 0; i < came; i++) ring.push(bytes);
    };
    assert.equal(drain.turn(CLOCK), result);
    assert.equal(drain.records, 1);
  });
}

/** Two rings in one memory. */
class TwoRings implements Rings {
  readonly rings = 2;
  readonly slots = 4096;
  readonly data = new ArrayBuffer(2 * this.slots * SLOT_BYTES);
  readonly #images = [0, 1].map((ring) => new RingImage(this.slots, 0, this.data, ring));

  producerPosition = (ring: number) => this.#images[ring]!.producer;
  consumerPosition = (ring: number) => this.#images[ring]!.consumer;
  commitConsumer = (ring: number, position: number) =>
    void (this.#images[ring]!.consumer = position);

  push(ring: number, mark: number, state?: "busy"): number {
    return this.#images[ring]!.push(recordBytes({ packet_length: mark }), state);
  }

  complete(ring: number, position: number): void {
    this.#images[ring]!.complete(position);
  }
}

function setUpTwo(depth = 2) {
  const memory = createQueueMemory(depth);
  const source = new TwoRings();
  const drain = new RingDrain(source, new BatchProducer(memory));
  return { source, drain, consumer: new BatchConsumer(memory) };
}

Deno.test("RingDrain.turn() takes a run of each ring in turn until all are empty", () => {
  const { source, drain, consumer } = setUpTwo();
  for (let i = 0; i < 3000; i++) source.push(0, i);
  for (let i = 0; i < 10; i++) source.push(1, 10_000 + i);
  assert.equal(drain.turn(CLOCK), "empty");
  drain.flush();
  const { batch, rows } = consumer.next()!;
  assert.equal(rows, 3010);
  const lengths = [...batch.packetLength.subarray(0, rows)];
  assert.deepEqual(lengths.slice(2046, 2060), [
    ...[2046, 2047],
    ...Array.from({ length: 10 }, (_, i) => 10_000 + i),
    ...[2048, 2049],
  ]);
});

Deno.test("RingDrain.turn() empties the other ring when a record of one is being written", () => {
  const { source, drain } = setUpTwo();
  const busy = source.push(0, 1, "busy");
  source.push(0, 2);
  for (let i = 0; i < 2500; i++) source.push(1, i);
  assert.equal(drain.turn(CLOCK), "busy");
  assert.equal(drain.records, 2500);
  source.complete(0, busy);
  assert.equal(drain.turn(CLOCK), "empty");
  assert.equal(drain.records, 2502);
});

Deno.test("RingDrain.turn() goes on with the ring that waited when the queue was full", () => {
  const { source, drain, consumer } = setUpTwo(1);
  // Records say which ring they are of and the how manieth they are there.
  const pushed = [0, 0];
  const taken: number[][] = [[], []];
  let batches = 0;
  const take = () => {
    const { batch, rows } = consumer.next()!;
    const shares = [0, 0];
    for (const mark of batch.packetLength.subarray(0, rows)) {
      shares[mark % 2]!++;
      taken[mark % 2]!.push(mark >>> 1);
    }
    consumer.release();
    batches++;
    return shares.map((share) => share / rows);
  };
  for (let lap = 0; lap < 20; lap++) {
    for (const ring of [0, 1]) {
      while (source.producerPosition(ring) - source.consumerPosition(ring) < 4000) {
        source.push(ring, 2 * pushed[ring]!++ + ring);
      }
    }
    if (drain.turn(CLOCK) !== "full") continue;
    const shares = take();
    // Neither ring gets much more than its half.
    for (const share of shares) assert.ok(share > 0.3 && share < 0.7, `${shares}`);
  }
  assert.ok(batches > 3);
  while (drain.turn(CLOCK) === "full") take();
  drain.flush();
  take();
  assert.equal(drain.records, pushed[0]! + pushed[1]!);
  // Each record once, those of a ring in its order.
  for (const ring of [0, 1]) {
    assert.equal(taken[ring]!.length, pushed[ring]);
    assert.ok(taken[ring]!.every((number, index) => number === index), `ring ${ring}`);
  }
});

Deno.test("RingDrain.cut() puts the mark behind the rows, and not before there is room for it", () => {
  const { ring, drain, consumer } = setUp(64, 1);
  ring.push(recordBytes({ packet_length: 7 }));
  drain.turn(CLOCK);
  assert.equal(drain.cut(), false); // the rows have taken the only batch
  assert.equal(drain.cut(), false);
  assert.equal(consumer.next()?.rows, 1);
  consumer.release();
  assert.equal(drain.cut(), true);
  assert.equal(consumer.next()?.rows, 0);
  consumer.release();
  // What comes after the mark is in a batch of its own.
  ring.push(recordBytes({ packet_length: 8 }));
  drain.turn(CLOCK);
  drain.flush();
  const { batch, rows } = consumer.next()!;
  assert.deepEqual([rows, batch.packetLength[0]], [1, 8]);
});

Deno.test("RingDrain.flush() publishes nothing when no row is waiting", () => {
  const { drain, consumer, ring } = setUp();
  drain.flush();
  ring.push(recordBytes({}));
  drain.turn(CLOCK);
  drain.flush();
  drain.flush();
  assert.equal(consumer.next()?.rows, 1);
});
