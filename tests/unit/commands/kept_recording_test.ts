import assert from "node:assert/strict";
import { keepRecording } from "../../../src/commands/record/kept_recording.ts";
import { RunError } from "../../../src/core/errors.ts";

/** An output that has closed segments, or none. */
function output(kept: string | null) {
  return {
    explain: (error: Error) => new RunError(`explained: ${error.message}`),
    keepSegments: () => kept,
  };
}

Deno.test("keepRecording() says where the segments are, whatever the recording failed by", () => {
  for (const error of [new RunError("Cannot write"), new Error("Cannot account")]) {
    const told = keepRecording(error, output("/here/.x")) as RunError;
    assert.ok(told instanceof RunError);
    assert.equal(told.message, `explained: ${error.message}`);
    assert.equal(
      told.hint,
      'What was recorded before is in "/here/.x": make a file of it by "xdp-inspector recover"',
    );
  }
});

Deno.test("keepRecording() gives the first error, in words, when nothing is kept", () => {
  const first = new RunError("Cannot write");
  const thrown = new SuppressedError(new Error("Cannot detach"), first);
  assert.equal((keepRecording(thrown, output(null)) as Error).message, "explained: Cannot write");
  assert.equal(keepRecording(thrown, null), first);
});
