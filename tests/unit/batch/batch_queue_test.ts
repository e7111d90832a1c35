import assert from "node:assert/strict";
import { BatchConsumer, BatchProducer, createQueueMemory } from "../../../src/batch/batch_queue.ts";
import { within } from "../../support/deadline.ts";
import { limitEndlessWaits } from "../../support/endless_wait.ts";

// Nobody else empties or fills the queues of this thread: a wait without a time limit is for ever.
limitEndlessWaits(0);

// A batch is never handed to assert.equal(): to print one takes all memory, and for ever.

/** Time in which another thread starts, or a wake-up arrives. */
const LIMIT_MS = 30_000;

/** The wait in which `sleep` would block its thread, without holding up this one. */
function waitOf(sleep: () => void): Promise<"ok" | "timed-out" | "not-equal"> {
  const { wait } = Atomics;
  const waits: ReturnType<typeof Atomics.waitAsync>[] = [];
  const asleep = new Error("asleep");
  try {
    Atomics.wait = ((array: Int32Array<SharedArrayBuffer>, index: number, value: number): "ok" => {
      waits.push(Atomics.waitAsync(array, index, value, LIMIT_MS));
      throw asleep;
    }) as typeof wait;
    assert.throws(sleep, asleep);
  } finally {
    Atomics.wait = wait;
  }
  return Promise.resolve(waits[0]!.value);
}

Deno.test("BatchProducer.acquire() refuses when every batch waits for the consumer", () => {
  const memory = createQueueMemory(2);
  const producer = new BatchProducer(memory);
  const consumer = new BatchConsumer(memory);
  for (let i = 0; i < 2; i++) {
    assert.ok(producer.acquire());
    producer.publish(i + 1);
  }
  assert.ok(producer.acquire() === undefined);
  assert.equal(consumer.next()?.rows, 1);
  assert.ok(producer.acquire() === undefined);
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
  assert.ok(consumer.next() === undefined);
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

Deno.test("BatchProducer.publish() shows a batch together with its rows, at every moment", () => {
  const memory = createQueueMemory(2);
  const producer = new BatchProducer(memory);
  const consumer = new BatchConsumer(memory);
  const seen: number[] = [];
  // What a consumer in another thread would find after each write of the producer.
  const look = () => {
    try {
      seen.push(consumer.next()!.rows);
    } catch {
      // Nothing yet.
    }
  };
  const { add, store } = Atomics;
  producer.acquire();
  try {
    Atomics.add = ((...values: Parameters<typeof add>) =>
      [add(...values), look()][0]) as typeof add;
    Atomics.store = ((...values: Parameters<typeof store>) =>
      [store(...values), look()][0]) as typeof store;
    producer.publish(5);
  } finally {
    Object.assign(Atomics, { add, store });
  }
  assert.ok(seen.length > 0);
  assert.deepEqual(new Set(seen), new Set([5]));
});

Deno.test("BatchConsumer.release() wakes a producer that waits for room", async () => {
  const memory = createQueueMemory(1);
  const producer = new BatchProducer(memory);
  const consumer = new BatchConsumer(memory);
  producer.acquire();
  producer.publish(1);
  consumer.next();
  const woken = waitOf(() => producer.waitForRoom(LIMIT_MS));
  consumer.release();
  assert.equal(await woken, "ok");
});

for (const end of ["publish", "close"] as const) {
  Deno.test(`BatchProducer.${end}() wakes a consumer that waits for a batch`, async () => {
    const memory = createQueueMemory(1);
    const producer = new BatchProducer(memory);
    const consumer = new BatchConsumer(memory);
    const woken = waitOf(() => consumer.next());
    if (end === "close") producer.close();
    else producer.publish(1);
    assert.equal(await woken, "ok");
  });
}

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
    await within("the consumer's thread", LIMIT_MS, message());
    const sum = message();
    worker.postMessage(memory);
    const producer = new BatchProducer(memory);
    for (let i = 1; i <= 100; i++) {
      const end = performance.now() + LIMIT_MS;
      while (!producer.acquire()) {
        assert.ok(performance.now() < end, `no room for batch ${i}`);
        producer.waitForRoom(1000);
      }
      producer.publish(i);
    }
    producer.close();
    assert.equal(await within("the consumer's sum", LIMIT_MS, sum), 5050);
  } finally {
    worker.terminate();
  }
});
