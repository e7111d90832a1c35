import assert from "node:assert/strict";
import { printable, printableLines } from "../../../src/core/printable.ts";

Deno.test("printable() leaves text of any language alone", () => {
  const text = 'Ein "schöner" Name: 名前 имя ئاسان 🦀 e\u0301';
  assert.equal(printable(text), text);
});

Deno.test("printable() writes out what a terminal would act on", () => {
  const cases: [string, string][] = [
    ["a\nb\r\tc", "a\\nb\\r\\tc"],
    ["\x1b[31mred", "\\x1b[31mred"],
    ["\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"],
    ["\x00\x7f\x9b", "\\x00\\x7f\\x9b"],
    ["txt.\u202Eexe", "txt.\\u{202e}exe"],
    ["a\u2028b\u200bc", "a\\u{2028}b\\u{200b}c"],
    ["half \ud83e", "half \\u{d83e}"],
  ];
  for (const [text, expected] of cases) assert.equal(printable(text), expected);
});

Deno.test("printableLines() keeps line breaks and tabs only", () => {
  assert.equal(printableLines("a\n\tb\r\x1b[0m"), "a\n\tb\\r\\x1b[0m");
});
