import assert from "node:assert/strict";
import fc from "fast-check";
import type { Progress } from "../../../src/core/progress.ts";
import { progressText } from "../../../src/render/progress_text.ts";
import { displayWidth } from "../../../src/render/visible_text.ts";

const HALF: Progress = {
  what: "querying",
  share: 0.425,
  done: { amount: 4_250_000, unit: "packets" },
};
const LOOK = { elapsedMs: 3000, partMs: 2500, width: 80, unicode: true };

Deno.test("progressText() shows a bar, the rate, and the time that has passed and is left", () => {
  assert.equal(
    progressText(HALF, LOOK),
    `querying: 42 % ${"████████▌".padEnd(20)}  1.70 Mpackets/s  3.00 s, 4.00 s left`,
  );
  assert.equal(
    progressText(HALF, { ...LOOK, width: 63, unicode: false }),
    "querying: 42 % ####......  1.70 Mpackets/s  3.00 s, 4.00 s left",
  );
  assert.equal(
    progressText(
      { what: 'reading "a.pcap"', share: 0.5, done: { amount: 2 ** 20, unit: "bytes" } },
      { ...LOOK, partMs: 500 },
    ),
    `reading "a.pcap": 50 % ${"██████████".padEnd(20)}  2.00 MiB/s  3.00 s, 1.00 s left`,
  );
});

Deno.test("progressText() leaves out what there is no room for", () => {
  const at = (width: number) => progressText(HALF, { ...LOOK, width, unicode: false });
  assert.equal(at(60), "querying: 42 % ######.........  1.70 Mpackets/s  4.00 s left");
  assert.equal(at(53), "querying: 42 % ###.....  1.70 Mpackets/s  4.00 s left");
  assert.equal(at(52), "querying: 42 % #########...........  4.00 s left");
  assert.equal(at(36), "querying: 42 % ###.....  4.00 s left");
  assert.equal(at(27), "querying: 42 % 4.00 s left");
  assert.equal(at(10), "querying:…");
});

Deno.test("progressText() promises nothing that nobody knows", () => {
  const of = (progress: Partial<Progress>) => progressText({ ...HALF, ...progress }, LOOK);
  assert.equal(of({ share: null, done: null }), "querying: 3.00 s");
  assert.equal(of({ share: null }), "querying: 1.70 Mpackets/s  3.00 s");
  assert.equal(of({ share: 1 }), "querying: all is read  3.00 s");
  assert.ok(!of({ share: 0.005 }).includes("left"));
  assert.ok(!progressText(HALF, { ...LOOK, partMs: 0 }).includes("packets/s"));
});

Deno.test("progressText() is never wider than the terminal, and shows a name as text", () => {
  fc.assert(fc.property(
    fc.string({ unit: "grapheme", maxLength: 100 }),
    fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    fc.integer({ min: 0, max: 1e12 }),
    fc.integer({ min: 10, max: 200 }),
    fc.boolean(),
    fc.integer({ min: 0, max: 1e9 }),
    (name, share, amount, width, unicode, partMs) => {
      const progress = {
        what: `reading "${name}"`,
        share,
        done: { amount, unit: "bytes" },
      } as const;
      const text = progressText(progress, { elapsedMs: partMs, partMs, width, unicode });
      assert.ok(displayWidth(text) <= width, `${displayWidth(text)} > ${width}: ${text}`);
    },
  ));
  assert.ok(!progressText({ ...HALF, what: "a\x1b[31m\n" }, LOOK).includes("\x1b"));
});
