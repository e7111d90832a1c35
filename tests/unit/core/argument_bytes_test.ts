import assert from "node:assert/strict";
import { UsageError } from "../../../src/core/errors.ts";
import { checkArgumentBytes } from "../../../src/core/argument_bytes.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("checkArgumentBytes() refuses an argument that was no text", () => {
  const line = () => new Uint8Array([0x2d, 0x6f, 0, 0x61, 0xff, 0]);
  assert.throws(() => checkArgumentBytes(["-o", "a\ufffd"], line), (error) => {
    assert.ok(error instanceof UsageError);
    assert.equal(error.message, 'Cannot use "a\ufffd": it is not UTF-8');
    return true;
  });
});

Deno.test("checkArgumentBytes() accepts the replacement character itself, and asks no more than needed", () => {
  checkArgumentBytes(["a\ufffd"], () => bytes("a\ufffd\0"));
  checkArgumentBytes(["-o", "größe"], () => assert.fail("asked"));
});
