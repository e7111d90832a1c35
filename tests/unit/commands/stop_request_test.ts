import assert from "node:assert/strict";
import { ignoresHangup } from "../../../src/commands/record/stop_request.ts";

Deno.test("ignoresHangup() reads bit 0 of SigIgn", () => {
  assert.equal(ignoresHangup("SigBlk:\t0000000000000001\nSigIgn:\t0000000000000000\n"), false);
  assert.equal(ignoresHangup("SigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n"), true);
  assert.equal(ignoresHangup(""), false);
});
