import assert from "node:assert/strict";
import { BatchConsumer, BatchProducer, createQueueMemory } from "../../../src/batch/batch_queue.ts";
import { BATCH_ROWS } from "../../../src/batch/column_batch.ts";
import { RingDrain } from "../../../src/capture/drain.ts";
import { RECORD_BYTES } from "../../../src/event/layout.ts";
import { recordBytes, RingImage } from "../../support/ring_image.ts";

const CLOCK = { low: 0, high: 0 };

function setUp(ringBytes = 4096, depth = 2) {
  const memory = createQueueMemory(depth);
  const ring = new RingImage(ringBytes);
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
  ring.commit(busy, RECORD_BYTES);
  assert.equal(drain.turn(CLOCK), "empty");
  drain.flush();
  assert.equal(consumer.next()?.rows, 2);
});

Deno.test("RingDrain.turn() leaves records in the ring while the queue is full", () => {
  const { ring, drain, consumer } = setUp(4096, 1);
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
  assert.equal((ring.producer - ring.consumer) / 96, left);
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
    const { ring, drain } = setUp(1 << 20, 64);
    const bytes = recordBytes({});
    ring.push(bytes);
    const commit = ring.commitConsumer;
    ring.commitConsumer = (position) => {
      commit(position);
      for (let i = 0; i < came; i++) ring.push(bytes);
    };
    assert.equal(drain.turn(CLOCK), result);
    assert.equal(drain.records, 1);
  });
}

Deno.test("RingDrain.flush() publishes nothing when no row is waiting", () => {
  const { drain, consumer, ring } = setUp();
  drain.flush();
  ring.push(recordBytes({}));
  drain.turn(CLOCK);
  drain.flush();
  drain.flush();
  assert.equal(consumer.next()?.rows, 1);
});
