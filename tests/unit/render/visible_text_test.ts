import assert from "node:assert/strict";
import {
  displayWidth,
  jsonString,
  truncateText,
  visibleText,
} from "../../../src/render/visible_text.ts";

Deno.test("visibleText() writes out what a terminal would act on", () => {
  const cases: [string, string][] = [
    ["plain ~", "plain ~"],
    ["é漢😀", "é漢😀"],
    ["\x1b[31m", "\\x1b[31m"],
    ["\x00\x07\x7f\x9b", "\\x00\\x07\\x7f\\x9b"],
    ["a\r\n\tb", "a\\r\\n\\tb"],
    ["\u202eevil\u2066", "\\u{202e}evil\\u{2066}"],
    ["\u200b\ufeff\u2028", "\\u{200b}\\u{feff}\\u{2028}"],
    ["\ud800", "\\u{d800}"],
    ["\u{e0041}", "\\u{e0041}"],
  ];
  for (const [text, expected] of cases) assert.equal(visibleText(text), expected);
});

Deno.test("jsonString() decodes to the same text and holds nothing unsafe", () => {
  for (let code = 0; code < 0x3000; code++) {
    const text = `a${String.fromCharCode(code)}"\\`;
    const json = jsonString(text);
    assert.equal(JSON.parse(json), text);
    assert.doesNotMatch(json, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  }
  assert.equal(JSON.parse(jsonString("\u{e0041}\ud800")), "\u{e0041}\ud800");
  assert.equal(jsonString("\x9b"), '"\\u009b"');
});

Deno.test("displayWidth() counts terminal cells", () => {
  assert.deepEqual(["", "abc", "é", "e\u0301", "漢字", "😀"].map(displayWidth), [0, 3, 1, 1, 4, 2]);
  // Blocks are not wide as a whole: U+231A and U+1F004 are, U+1F650 is not (EastAsianWidth.txt).
  assert.deepEqual(["\u231a", "\u{1f004}", "\u{1f650}"].map(displayWidth), [2, 2, 1]);
});

Deno.test("truncateText() cuts to the width and marks the cut", () => {
  assert.equal(truncateText("abcdef", 6, "start"), "abcdef");
  assert.equal(truncateText("abcdef", 5, "start"), "abcd…");
  assert.equal(truncateText("abcdef", 5, "ends"), "ab…ef");
  assert.equal(truncateText("abcdef", 1, "ends"), "…");
  assert.equal(truncateText("abcdef", 0, "ends"), "");
  assert.equal(truncateText("漢字漢字", 6, "start"), "漢字…");
  for (let width = 0; width < 12; width++) {
    for (const keep of ["start", "ends"] as const) {
      assert.ok(displayWidth(truncateText("a漢b字c漢d", width, keep)) <= width);
    }
  }
});
