import assert from "node:assert/strict";
import { exactTimestamp, tableTimestamp } from "../../../src/render/timestamp.ts";

const SECOND = 1_700_000_000_000_000_000n;

Deno.test("exactTimestamp() leaves no digit out, and has three of them at least", () => {
  for (
    const [ns, digits] of [
      [0n, "000"],
      [10_000_000n, "010"],
      [100_000_000n, "100"],
      [50_000n, "000050"],
      [1_001_000n, "001001"],
      [1n, "000000001"],
      [123_456_789n, "123456789"],
    ] as const
  ) {
    assert.equal(exactTimestamp(SECOND + ns), `2023-11-14 22:13:20.${digits}`);
    assert.equal(tableTimestamp(SECOND + ns), `2023-11-14 22:13:20.${digits.slice(0, 3)}`);
  }
});
