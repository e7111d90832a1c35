import assert from "node:assert/strict";
import { RunError, UsageError } from "../../../src/core/errors.ts";
import { shortened } from "../../../src/core/shortened.ts";

Deno.test("shortened() leaves texts that can be read as they are", () => {
  for (const text of ["", 'Cannot read "a": no such file', `Cannot read "${"d/".repeat(149)}f"`]) {
    assert.equal(shortened(text), text);
  }
  // Many short values.
  const names = Array.from({ length: 60 }, (_, index) => `"name ${index}"`).join(", ");
  assert.equal(shortened(names), names);
});

Deno.test("shortened() keeps both ends of a long value, and says how long it is", () => {
  const value = `start${"x".repeat(9_990)}-end.`;
  const shown = `start${"x".repeat(115)} ... ${"x".repeat(35)}-end.`;
  assert.equal(
    shortened(`Cannot read "${value}": no such file`),
    `Cannot read "${shown}" (10,000 characters): no such file`,
  );
  // Without quotes, as in the words of a library.
  assert.equal(
    shortened(`Table ${value} does not exist`),
    `Table ${shown} (10,000 characters) does not exist`,
  );
  const sentence = "word ".repeat(2_000);
  assert.match(
    shortened(`Cannot use "${sentence}" for --where`),
    /^Cannot use "(word )+.{0,9} \.\.\. [^"]+" \(10,000 characters\) for --where$/,
  );
});

Deno.test("shortened() shortens a text as a whole when its values have quotes in them", () => {
  const text = `Cannot use the filter "${'a "b" '.repeat(100_000)}": nothing can begin with "b"`;
  const short = shortened(text);
  assert.ok(short.length < 1_600, String(short.length));
  assert.match(
    short,
    /^Cannot use the filter "a "b" .* \.\.\. \(598,\d{3} characters left out\) \.\.\. .*: nothing can begin with "b"$/,
  );
});

Deno.test("shortened() cuts no pair of surrogates", () => {
  for (const lead of ["", "x"]) {
    const short = shortened(`Cannot read "${lead}${"\u{1f600}".repeat(500)}"`);
    assert.ok(short.isWellFormed() && short.length < 300, short);
  }
});

Deno.test("shortened() takes no time for a value of megabytes", () => {
  for (const text of ["x".repeat(2 ** 21), '"'.repeat(2 ** 21), "x ".repeat(2 ** 20)]) {
    assert.ok(shortened(text).length < 1_600);
  }
});

Deno.test("an error shortens values in its message, its hint and its details", () => {
  const long = "x".repeat(5_000);
  const { message, hint, details } = new RunError(`Cannot read "${long}"`, {
    hint: `Write "${long}"`,
    details: `LINE 1: ${long}\n        ^`,
  });
  for (const text of [message, hint!, details!]) assert.match(text, /\(5,000 characters\)/);
  assert.equal(details!.split("\n")[1], "        ^");
  assert.ok(new UsageError(`Unknown flag "--${long}"`).message.length < 250);
});
