import assert from "node:assert/strict";
import { RECORD_BYTES, SLOT_BYTES } from "../../../src/contract/record_layout.ts";
import { RingWalk } from "../../../src/drain/ring_walk.ts";
import { RingImage } from "../../support/ring_image.ts";

const SLOTS = 32;

function record(mark: number): Uint8Array {
  return new Uint8Array(RECORD_BYTES).fill(mark);
}

function marks(ring: RingImage, walk: RingWalk): number[] {
  const octets = new Uint8Array(ring.data);
  return [...walk.offsets.subarray(0, walk.count)].map((offset) => octets[offset]!);
}

function walkOf(ring: RingImage, capacity = 64): RingWalk {
  return new RingWalk(ring.data, SLOTS, capacity);
}

Deno.test("RingWalk.walk() finds complete records in order", () => {
  const ring = new RingImage(SLOTS);
  for (const mark of [1, 2, 3]) ring.push(record(mark));
  const walk = walkOf(ring);
  assert.equal(walk.walk(0, 0, ring.producer, 64), false);
  assert.deepEqual(marks(ring, walk), [1, 2, 3]);
  assert.equal(walk.position, 3);
});

Deno.test("RingWalk.walk() stops at a record that is still being written", () => {
  const ring = new RingImage(SLOTS);
  ring.push(record(1));
  const busy = ring.push(record(2), "busy");
  ring.push(record(3));
  const walk = walkOf(ring);
  assert.equal(walk.walk(0, 0, ring.producer, 64), true);
  assert.deepEqual(marks(ring, walk), [1]);
  assert.equal(walk.position, busy);
  ring.complete(busy);
  assert.equal(walk.walk(0, walk.position, ring.producer, 64), false);
  assert.deepEqual(marks(ring, walk), [2, 3]);
});

Deno.test("RingWalk.walk() passes over discarded records", () => {
  const ring = new RingImage(SLOTS);
  ring.push(record(1), "discarded");
  ring.push(record(2));
  const walk = walkOf(ring);
  walk.walk(0, 0, ring.producer, 64);
  assert.deepEqual(marks(ring, walk), [2]);
  assert.equal(walk.position, ring.producer);
});

Deno.test("RingWalk.walk() goes on at the first slot behind the last", () => {
  const ring = new RingImage(SLOTS, 6 * SLOTS - 1);
  ring.push(record(7));
  ring.push(record(8));
  const walk = walkOf(ring);
  walk.walk(0, ring.consumer, ring.producer, 64);
  assert.deepEqual(marks(ring, walk), [7, 8]);
});

Deno.test("RingWalk.walk() works at positions beyond 32 bits", () => {
  const ring = new RingImage(SLOTS, 2 ** 32 - 1);
  ring.push(record(1));
  ring.push(record(2));
  const walk = walkOf(ring);
  walk.walk(0, ring.consumer, ring.producer, 64);
  assert.deepEqual(marks(ring, walk), [1, 2]);
  assert.equal(walk.position, 2 ** 32 + 1);
});

for (const boundary of [2 ** 31, 2 ** 32]) {
  Deno.test(`RingWalk.walk() goes on across position ${boundary}`, () => {
    const ring = new RingImage(SLOTS, boundary - 3);
    for (const mark of [1, 2, 3, 4, 5, 6]) ring.push(record(mark));
    const walk = walkOf(ring);
    assert.equal(walk.walk(0, ring.consumer, ring.producer, 64), false);
    assert.deepEqual(marks(ring, walk), [1, 2, 3, 4, 5, 6]);
    assert.equal(walk.position, boundary + 3);
  });
}

Deno.test("RingWalk.walk() goes on at the first slot of the same ring when there are several", () => {
  const data = new ArrayBuffer(3 * SLOTS * SLOT_BYTES);
  const rings = [0, 1, 2].map((number) => new RingImage(SLOTS, 4 * SLOTS - 2, data, number));
  rings.forEach((ring, number) => {
    for (const mark of [1, 2, 3, 4]) ring.push(record(10 * number + mark));
  });
  const walk = walkOf(rings[0]!);
  rings.forEach((ring, number) => {
    assert.equal(walk.walk(number, ring.consumer, ring.producer, 64), false);
    assert.deepEqual(marks(ring, walk), [1, 2, 3, 4].map((mark) => 10 * number + mark));
  });
});

Deno.test("RingWalk.walk() stops at the limit and goes on from there", () => {
  const ring = new RingImage(SLOTS);
  for (const mark of [1, 2, 3]) ring.push(record(mark));
  const walk = walkOf(ring);
  assert.equal(walk.walk(0, 0, ring.producer, 2), true);
  assert.deepEqual(marks(ring, walk), [1, 2]);
  walk.walk(0, walk.position, ring.producer, 2);
  assert.deepEqual(marks(ring, walk), [3]);
});

Deno.test("RingWalk.walk() takes no record of an earlier lap for a new one", () => {
  const ring = new RingImage(SLOTS);
  for (let mark = 0; mark < SLOTS + 1; mark++) ring.push(record(mark));
  const busy = ring.push(record(255), "busy");
  const walk = walkOf(ring, 2 * SLOTS);
  assert.equal(walk.walk(0, SLOTS - 1, ring.producer, 64), true);
  assert.deepEqual(marks(ring, walk), [SLOTS - 1, SLOTS]);
  assert.equal(walk.position, busy);
});
