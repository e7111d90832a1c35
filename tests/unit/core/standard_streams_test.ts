import assert from "node:assert/strict";
import { RunError } from "../../../src/core/errors.ts";
import {
  BrokenPipe,
  endOnStderr,
  isBrokenPipe,
  isClosedStdout,
  sendToStdout,
  writeStderr,
  writeStdout,
} from "../../../src/core/standard_streams.ts";

/** Takes at most `limit` bytes a call, and throws what `faults` holds first. */
function writer(limit: number, faults: Error[] = []) {
  const written: number[] = [];
  return {
    text: () => new TextDecoder().decode(new Uint8Array(written)),
    writeSync(bytes: Uint8Array): number {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      const part = bytes.subarray(0, limit);
      written.push(...part);
      return part.length;
    },
  };
}

Deno.test("writeStdout() goes on after partial writes", () => {
  const output = writer(3);
  writeStdout("größer als drei", output);
  assert.equal(output.text(), "größer als drei");
});

Deno.test("writeStdout() waits for a full non-blocking pipe", () => {
  const output = writer(100, [new Deno.errors.WouldBlock("Resource temporarily unavailable")]);
  writeStdout(new Uint8Array([65, 66]), output);
  assert.equal(output.text(), "AB");
});

Deno.test("writeStdout() says why a write failed", () => {
  const fault = new Error("No space left on device (os error 28)");
  assert.throws(() => writeStdout("text", writer(1, [fault])), (error) => {
    assert(error instanceof RunError);
    assert.equal(error.message, "Cannot write to standard output: no space left on device");
    assert.equal(error.cause, fault);
    return true;
  });
});

Deno.test("writeStdout() throws BrokenPipe when nobody reads", () => {
  const fault = new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
  assert.throws(() => writeStdout("text", writer(1, [fault])), BrokenPipe);
});

Deno.test("writeStderr() ignores failures", () => {
  writeStderr("text", writer(1, [new Error("No space left on device (os error 28)")]));
});

Deno.test("isBrokenPipe() finds the cause behind other errors", () => {
  const inner = new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
  assert.equal(
    isBrokenPipe(new Error("outer", { cause: new Error("middle", { cause: inner }) })),
    true,
  );
  assert.equal(isBrokenPipe(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })), true);
  assert.equal(isBrokenPipe(new BrokenPipe()), true);
});

Deno.test("isBrokenPipe() is false for other errors, also for one that causes itself", () => {
  const circle = new Error("circle");
  circle.cause = circle;
  for (const error of [circle, new Error("other"), "EPIPE", undefined]) {
    assert.equal(isBrokenPipe(error), false);
  }
});

Deno.test("sendToStdout() goes on after partial writes, and says why one failed", async () => {
  const output = writer(3);
  await sendToStdout("größer als drei", {
    write: (bytes) => Promise.resolve(output.writeSync(bytes)),
  });
  assert.equal(output.text(), "größer als drei");
  const full = new Error("No space left on device (os error 28)");
  await assert.rejects(sendToStdout("text", { write: () => Promise.reject(full) }), {
    message: "Cannot write to standard output: no space left on device",
  });
  const broken = new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
  await assert.rejects(sendToStdout("text", { write: () => Promise.reject(broken) }), BrokenPipe);
});

Deno.test("endOnStderr() uses no call that blocks, where the writer has another", async () => {
  const output = writer(100);
  await endOnStderr("one", output);
  const written: string[] = [];
  await endOnStderr("two", {
    writeSync: () => assert.fail("would block"),
    write(bytes) {
      written.push(new TextDecoder().decode(bytes));
      return Promise.resolve(bytes.length);
    },
  });
  assert.deepEqual([output.text(), written], ["one", ["two"]]);
});

Deno.test("isClosedStdout() tells a descriptor that was missing from >/dev/null", () => {
  assert.equal(isClosedStdout("/dev/null", "pos:\t0\nflags:\t0100002\n"), true);
  assert.equal(isClosedStdout("/dev/null", "pos:\t0\nflags:\t0100001\n"), false);
  assert.equal(isClosedStdout("/dev/pts/1", "pos:\t0\nflags:\t0100002\n"), false);
});
