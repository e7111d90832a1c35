import assert from "node:assert/strict";
import { RECORD_BYTES } from "../../../src/event/layout.ts";
import { RingWalk } from "../../../src/ring/ring_walk.ts";
import { RingImage } from "../../support/ring_image.ts";

const RECORD_STEP = 96;

function record(mark: number): Uint8Array {
  return new Uint8Array(RECORD_BYTES).fill(mark);
}

function marks(ring: RingImage, walk: RingWalk): number[] {
  const octets = new Uint8Array(ring.data);
  return [...walk.offsets.subarray(0, walk.count)].map((offset) => octets[offset]!);
}

function walkOf(ring: RingImage, capacity = 64): RingWalk {
  return new RingWalk(ring.data, ring.sizeBytes, RECORD_BYTES, capacity);
}

Deno.test("RingWalk.walk() finds committed records in order", () => {
  const ring = new RingImage(4096);
  for (const mark of [1, 2, 3]) ring.push(record(mark));
  const walk = walkOf(ring);
  assert.equal(walk.walk(0, ring.producer, 64), false);
  assert.deepEqual(marks(ring, walk), [1, 2, 3]);
  assert.equal(walk.position, 3 * RECORD_STEP);
});

Deno.test("RingWalk.walk() stops at a record that is still being written", () => {
  const ring = new RingImage(4096);
  ring.push(record(1));
  const busy = ring.push(record(2), "busy");
  ring.push(record(3));
  const walk = walkOf(ring);
  assert.equal(walk.walk(0, ring.producer, 64), true);
  assert.deepEqual(marks(ring, walk), [1]);
  assert.equal(walk.position, busy);
  ring.commit(busy, RECORD_BYTES);
  assert.equal(walk.walk(walk.position, ring.producer, 64), false);
  assert.deepEqual(marks(ring, walk), [2, 3]);
});

Deno.test("RingWalk.walk() passes over discarded records", () => {
  const ring = new RingImage(4096);
  ring.push(record(1), "discarded");
  ring.push(record(2));
  const walk = walkOf(ring);
  walk.walk(0, ring.producer, 64);
  assert.deepEqual(marks(ring, walk), [2]);
  assert.equal(walk.position, ring.producer);
  assert.equal(walk.unreadable, 0);
});

Deno.test("RingWalk.walk() reads a record that wraps around the end of the ring", () => {
  const ring = new RingImage(4096, 4096 * 5 + 4096 - 40);
  ring.push(record(7));
  ring.push(record(8));
  const walk = walkOf(ring);
  walk.walk(ring.consumer, ring.producer, 64);
  assert.deepEqual(marks(ring, walk), [7, 8]);
});

Deno.test("RingWalk.walk() works at positions beyond 32 bits", () => {
  const ring = new RingImage(4096, 2 ** 32 - RECORD_STEP);
  ring.push(record(1));
  ring.push(record(2));
  const walk = walkOf(ring);
  walk.walk(ring.consumer, ring.producer, 64);
  assert.deepEqual(marks(ring, walk), [1, 2]);
  assert.equal(walk.position, 2 ** 32 + RECORD_STEP);
});

Deno.test("RingWalk.walk() stops at the limit and goes on from there", () => {
  const ring = new RingImage(4096);
  for (const mark of [1, 2, 3]) ring.push(record(mark));
  const walk = walkOf(ring);
  assert.equal(walk.walk(0, ring.producer, 2), true);
  assert.deepEqual(marks(ring, walk), [1, 2]);
  walk.walk(walk.position, ring.producer, 2);
  assert.deepEqual(marks(ring, walk), [3]);
});

Deno.test("RingWalk.walk() counts a record of another length and passes over it", () => {
  const ring = new RingImage(4096);
  ring.push(new Uint8Array(20));
  ring.push(record(5));
  const walk = walkOf(ring);
  walk.walk(0, ring.producer, 64);
  assert.deepEqual(marks(ring, walk), [5]);
  assert.equal(walk.unreadable, 1);
});

Deno.test("RingWalk.walk() throws when a header claims more than is in use", () => {
  const ring = new RingImage(4096);
  ring.push(record(1));
  new Uint32Array(ring.data)[0] = 1000;
  assert.throws(
    () => walkOf(ring).walk(0, ring.producer, 64),
    /a record claims 1000 bytes where 96 are in use/,
  );
});
