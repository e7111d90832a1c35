import assert from "node:assert/strict";
import { cString, textFromCString } from "../../../ffi/linux/cstring.ts";

Deno.test("cString() ends ASCII text with one NUL", () => {
  assert.deepEqual([...cString("lo")], [0x6c, 0x6f, 0]);
});

Deno.test("cString() makes a lone NUL of empty text", () => {
  assert.deepEqual([...cString("")], [0]);
});

Deno.test("cString() leaves room for all bytes of non-ASCII text", () => {
  assert.deepEqual([...cString("é€😀")], [
    ...[0xc3, 0xa9],
    ...[0xe2, 0x82, 0xac],
    ...[0xf0, 0x9f, 0x98, 0x80],
    0,
  ]);
});

Deno.test("cString() refuses text with a NUL inside", () => {
  assert.throws(() => cString("eth0\0x"), {
    name: "TypeError",
    message: 'Cannot pass "eth0\\u0000x" to C: it contains a NUL character',
  });
});

Deno.test("textFromCString() stops at the first NUL", () => {
  assert.equal(textFromCString(Uint8Array.of(0x61, 0x62, 0, 0x63)), "ab");
});

Deno.test("textFromCString() takes everything when there is no NUL", () => {
  assert.equal(textFromCString(Uint8Array.of(0xc3, 0xa9)), "é");
});

Deno.test("textFromCString() gives back what cString() was given", () => {
  for (const text of ["", "eth0", "größe €", "日本"]) {
    assert.equal(textFromCString(cString(text)), text);
  }
});
