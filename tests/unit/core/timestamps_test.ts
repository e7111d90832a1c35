import assert from "node:assert/strict";
import { isoFromNanoseconds } from "../../../src/core/timestamps.ts";

Deno.test("isoFromNanoseconds() keeps all nine digits", () => {
  assert.equal(isoFromNanoseconds(0n), "1970-01-01T00:00:00.000000000Z");
  assert.equal(isoFromNanoseconds(1_795_442_400_000_000_001n), "2026-11-23T14:00:00.000000001Z");
  assert.equal(isoFromNanoseconds(1_795_442_400_999_999_999n), "2026-11-23T14:00:00.999999999Z");
});
