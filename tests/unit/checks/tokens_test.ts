import assert from "node:assert/strict";
import { tokenize } from "../../checks/tokens.ts";

function texts(source: string): string[] {
  return tokenize(source).map(({ kind, text }) =>
    kind === "punctuation" ? text : `${kind}:${text}`
  );
}

Deno.test("tokenize() tells code from comments", () => {
  assert.deepEqual(texts("a // Deno.exit\n/* console.log */ b"), ["name:a", "name:b"]);
});

Deno.test("tokenize() tells code from strings, whatever they hold", () => {
  assert.deepEqual(texts(`f("a\\"b // c", 'it\\'s')`), [
    "name:f",
    "(",
    `string:a\\"b // c`,
    ",",
    "string:it\\'s",
    ")",
  ]);
});

Deno.test("tokenize() reads the code inside templates, nested ones too", () => {
  assert.deepEqual(texts("`a${ f({ b: `${c}` }) }d`;"), [
    "name:f",
    "(",
    "{",
    "name:b",
    ":",
    "name:c",
    "template:${}",
    "}",
    ")",
    "template:a${}d",
    ";",
  ]);
});

Deno.test("tokenize() tells a regular expression from a division", () => {
  assert.deepEqual(texts('x = /["/]`/g; y = a / b / c; return /"/'), [
    "name:x",
    "=",
    'regex:/["/]`/g',
    ";",
    "name:y",
    "=",
    "name:a",
    "/",
    "name:b",
    "/",
    "name:c",
    ";",
    "name:return",
    'regex:/"/',
  ]);
});

Deno.test("tokenize() counts lines through comments, templates and strings", () => {
  const source = "/*\n*/ a\n`\n${b}\n` c\n'\\\n' d";
  const lines = tokenize(source).map(({ text, line }) => [text, line]);
  assert.deepEqual(lines, [["a", 2], ["b", 4], ["\n${}\n", 3], ["c", 5], ["\\\n", 6], ["d", 7]]);
});
