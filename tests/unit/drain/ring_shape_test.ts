import assert from "node:assert/strict";
import { SLOT_BYTES } from "../../../src/contract/record_layout.ts";
import { ringShape, wakeupInterval } from "../../../src/drain/ring_shape.ts";

Deno.test("ringShape() fits into the memory that is given, and uses more than a half of it", () => {
  for (const bytes of [2 ** 20, 2 ** 26, 2 ** 31]) {
    for (const processors of [1, 2, 6, 64]) {
      const { rings, slots } = ringShape(bytes, processors);
      const used = rings * slots * SLOT_BYTES;
      assert.equal(slots & (slots - 1), 0);
      assert.ok(used <= bytes && 2 * used > bytes, `${bytes} ${processors}`);
    }
  }
});

for (
  const [bytes, processors, rings] of [
    [2 ** 26, 1, 1],
    [2 ** 26, 2, 2],
    [2 ** 26, 3, 2],
    [2 ** 26, 16, 16],
    [2 ** 26, 255, 16],
    [2 ** 22, 16, 1],
    [2 ** 23, 16, 2],
    [2 ** 30, 64, 64],
    [4096, 8192, 1],
  ] as const
) {
  Deno.test(`ringShape() makes ${rings} rings of ${bytes} bytes for ${processors} CPUs`, () => {
    assert.equal(ringShape(bytes, processors).rings, rings);
  });
}

Deno.test("ringShape() leaves room for programs on all CPUs, and for as many records, in any ring", () => {
  for (const bytes of [4096, 65_536, 2 ** 26]) {
    for (const processors of [1, 2, 3, 64, 255, 256, 8192]) {
      const { slots, limit } = ringShape(bytes, processors);
      const spare = 4 * processors;
      assert.equal(slots & (slots - 1), 0);
      assert.equal(limit, slots - spare);
      assert.ok(limit >= spare, `${bytes} ${processors}`);
    }
  }
});

Deno.test("wakeupInterval() is a power of two and at most a quarter of a ring for all its producers", () => {
  for (const ringBytes of [4096, 65_536, 2 ** 20, 2 ** 26, 2 ** 31]) {
    for (const producers of [1, 2, 3, 16, 256]) {
      const shape = ringShape(ringBytes, producers);
      const interval = wakeupInterval(shape, producers);
      assert.equal(interval & (interval - 1), 0);
      assert.ok(interval >= 1 && interval <= 4096);
      const writers = Math.ceil(producers / shape.rings);
      assert.ok(interval === 1 || interval * writers <= shape.limit / 4);
    }
  }
});

Deno.test("wakeupInterval() wakes rarely with the default ring", () => {
  assert.equal(wakeupInterval(ringShape(64 * 2 ** 20, 4), 4), 4096);
});
