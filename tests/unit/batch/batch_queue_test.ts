import assert from "node:assert/strict";
import { BatchConsumer, BatchProducer, createQueueMemory } from "../../../src/batch/batch_queue.ts";

Deno.test("BatchProducer.acquire() refuses when every batch waits for the consumer", () => {
  const memory = createQueueMemory(2);
  const producer = new BatchProducer(memory);
  const consumer = new BatchConsumer(memory);
  for (let i = 0; i < 2; i++) {
    assert.ok(producer.acquire());
    producer.publish(i + 1);
  }
  assert.equal(producer.acquire(), undefined);
  assert.equal(consumer.next()?.rows, 1);
  assert.equal(producer.acquire(), undefined);
  consumer.release();
  assert.ok(producer.acquire());
});

Deno.test("BatchConsumer.next() returns batches in order with their rows and content", () => {
  const memory = createQueueMemory(2);
  const producer = new BatchProducer(memory);
  const consumer = new BatchConsumer(memory);
  for (let i = 0; i < 7; i++) {
    producer.acquire()!.packetLength[0] = 100 + i;
    producer.publish(i + 1);
    const item = consumer.next()!;
    assert.equal(item.rows, i + 1);
    assert.equal(item.batch.packetLength[0], 100 + i);
    consumer.release();
  }
});

Deno.test("BatchConsumer.next() returns what was published before close(), then undefined", () => {
  const memory = createQueueMemory(2);
  const producer = new BatchProducer(memory);
  const consumer = new BatchConsumer(memory);
  producer.acquire();
  producer.publish(9);
  producer.close();
  assert.equal(consumer.next()?.rows, 9);
  consumer.release();
  assert.equal(consumer.next(), undefined);
});

Deno.test("BatchProducer.waitForRoom() gives up after its time limit", () => {
  const memory = createQueueMemory(1);
  const producer = new BatchProducer(memory);
  producer.acquire();
  producer.publish(1);
  const started = performance.now();
  producer.waitForRoom(20);
  assert.ok(performance.now() - started >= 15);
});

Deno.test("BatchConsumer.next() wakes up in another thread for a batch and for close()", async () => {
  const memory = createQueueMemory(2);
  const worker = new Worker(
    new URL("../../support/summing_consumer_worker.ts", import.meta.url).href,
    { type: "module" },
  );
  try {
    const message = () =>
      new Promise((resolve) => worker.onmessage = (event) => resolve(event.data));
    // A worker cannot load its module while this thread blocks.
    await message();
    const sum = message();
    worker.postMessage(memory);
    const producer = new BatchProducer(memory);
    for (let i = 1; i <= 100; i++) {
      while (!producer.acquire()) producer.waitForRoom(1000);
      producer.publish(i);
    }
    producer.close();
    assert.equal(await sum, 5050);
  } finally {
    worker.terminate();
  }
});
