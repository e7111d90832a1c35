import assert from "node:assert/strict";
import fc from "fast-check";
import { splitStatements } from "../../../src/query/statements.ts";

function complete(...statements: string[]) {
  return { complete: statements, rest: "", isOpen: false };
}

Deno.test("splitStatements() ends statements at semicolons, and nowhere else", () => {
  const whole = [
    "SELECT 1",
    "SELECT ';'",
    "SELECT 'it''s; here'",
    "SELECT e'it\\'s; here'",
    'SELECT ";" FROM "a""; b"',
    "SELECT $$;$$, $a$ $$; $a$",
    "SELECT 1 /* ; /* ; */ ; */ + 2",
    "SELECT 1 -- ;\n + 2",
    "SELECT type'a;b'",
    "SELECT a$b",
  ];
  for (const sql of whole) {
    assert.deepEqual(splitStatements(`${sql};`), complete(sql), sql);
    assert.deepEqual(splitStatements(sql), { complete: [], rest: sql, isOpen: false }, sql);
  }
  assert.deepEqual(splitStatements(whole.join(";\n") + ";"), complete(...whole));
});

Deno.test("splitStatements() leaves out what is only space and comment", () => {
  assert.deepEqual(
    splitStatements(" ;; -- a;\n; /* ; */ ; SELECT 1 ;\n-- end"),
    complete("SELECT 1"),
  );
  assert.deepEqual(splitStatements(""), complete());
});

Deno.test("splitStatements() says that a text, a name or a comment has no end", () => {
  for (
    const open of [
      "SELECT 'a;",
      'SELECT "a;',
      "SELECT $$a;",
      "SELECT $t$ $$;",
      "/* ;",
      "/* /* */ ;",
    ]
  ) {
    assert.deepEqual(splitStatements(open), { complete: [], rest: open, isOpen: true }, open);
  }
});

Deno.test("splitStatements() loses no letter of any text", () => {
  const piece = fc.constantFrom(
    "a",
    ";",
    "'",
    '"',
    "--",
    "\n",
    "/*",
    "*/",
    "$$",
    "$x$",
    "e'",
    "\\",
    " ",
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
    const text = pieces.join("");
    const { complete, rest, isOpen } = splitStatements(text);
    let position = 0;
    for (const part of [...complete, rest]) {
      const found = text.indexOf(part, position);
      assert.ok(found >= position);
      position = found + part.length;
    }
    // What is complete stays so, whatever is typed behind it.
    if (!isOpen) assert.deepEqual(splitStatements(`${text}\n;`).rest, "");
  }));
});
