import assert from "node:assert/strict";
import { orKeepSegments } from "../../../src/commands/record/kept_segments.ts";
import { RunError } from "../../../src/core/errors.ts";

const KEPT = { keepSegments: () => "traffic.parquet.segments" };
const NOTHING = { keepSegments: () => null };

Deno.test("orKeepSegments() names the kept segments after any failure, a defect too", async () => {
  for (const error of [new RunError("The disk is full", { hint: "Buy" }), new TypeError("x")]) {
    await assert.rejects(orKeepSegments(KEPT, () => Promise.reject(error)), {
      name: "RunError",
      message: error.message,
      hint:
        'What was recorded before is in "traffic.parquet.segments": read it with "stats -f", then remove it',
      cause: error,
    });
  }
});

Deno.test("orKeepSegments() passes an error on when there is nothing to keep", async () => {
  const error = new TypeError("x");
  for (const output of [NOTHING, null]) {
    await assert.rejects(
      orKeepSegments(output, () => Promise.reject(error)),
      (thrown) => thrown === error,
    );
  }
});

Deno.test("orKeepSegments() keeps nothing of a recording that ends well", async () => {
  const output = {
    keepSegments: () => {
      throw new Error("not now");
    },
  };
  assert.equal(await orKeepSegments(output, () => Promise.resolve(7)), 7);
});
