import assert from "node:assert/strict";
import { keysOf } from "../../../../src/commands/live/keys.ts";

Deno.test("keysOf() gives the keys of a text in their order", () => {
  assert.deepEqual(keysOf("q"), ["q"]);
  assert.deepEqual(keysOf("\x1b[A\x1bOB\x1b[5~\x1b[6~"), ["up", "down", "page-up", "page-down"]);
  assert.deepEqual(keysOf("\x1b[H\x1b[4~\x1b[Z\t"), ["home", "end", "back-tab", "tab"]);
  assert.deepEqual(keysOf("é\r\x7f\x15"), ["é", "enter", "backspace", "clear"]);
  assert.deepEqual(keysOf("\x1b"), ["escape"]);
  assert.deepEqual(keysOf("\x1b\x1b[A"), ["escape", "up"]);
});

Deno.test("keysOf() leaves out what means nothing, and never takes its bytes for keys", () => {
  assert.deepEqual(keysOf("\x1b[200~q"), ["q"]);
  assert.deepEqual(keysOf("\x1b[1;5Cx\x1bq"), ["x"]);
  assert.deepEqual(keysOf("\x00\x07\u202e"), []);
});
