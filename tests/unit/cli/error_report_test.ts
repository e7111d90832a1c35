import assert from "node:assert/strict";
import { reportError } from "../../../src/cli/error_report.ts";
import { RunError, UnsupportedError, UsageError } from "../../../src/core/errors.ts";

Deno.test("reportError() shows the message, then the next step", () => {
  const error = new RunError('Cannot read "a": no such file', { hint: "Name a file that exists" });
  assert.deepEqual(reportError(error, false), {
    text: 'xdp-inspector: Cannot read "a": no such file\n  Name a file that exists\n',
    exitCode: 1,
  });
});

Deno.test("reportError() shows the error that came first, not those of the clean-up", () => {
  const first = new UsageError("First");
  const second = new SuppressedError(new Error("second"), first);
  assert.deepEqual(reportError(new SuppressedError(new Error("third"), second), false), {
    text: "xdp-inspector: First\n",
    exitCode: 2,
  });
});

Deno.test("reportError() keeps the exit code of each class", () => {
  assert.equal(reportError(new UsageError("Text"), false).exitCode, 2);
  assert.equal(reportError(new UnsupportedError("Text"), false).exitCode, 3);
});

Deno.test("reportError() shows the causes with verbose only, several lines each", () => {
  const inner = new TypeError("log line 1\n\tlog line 2\x1b[0m\n");
  const error = new RunError("Cannot load", { cause: new Error("Refused", { cause: inner }) });
  assert.equal(reportError(error, false).text, "xdp-inspector: Cannot load\n");
  assert.equal(
    reportError(error, true).text,
    "xdp-inspector: Cannot load\n" +
      "  caused by Error: Refused\n" +
      "  caused by TypeError: log line 1\n" +
      "  \tlog line 2\\x1b[0m\n",
  );
});

Deno.test("reportError() shows what to do about an error of the system, unless the message knows", () => {
  const cause = new Deno.errors.NotFound("No such file or directory (os error 2)");
  Object.assign(cause, { code: "ENOENT" });
  assert.equal(
    reportError(new RunError('Cannot read "a": no such file', { cause }), false).text,
    'xdp-inspector: Cannot read "a": no such file\n' +
      "  Check the name, and that the directory is there\n",
  );
  assert.equal(
    reportError(new RunError("Text", { cause, hint: "Hint" }), false).text,
    "xdp-inspector: Text\n  Hint\n",
  );
});

Deno.test("reportError() shortens a defect, too, and keeps causes whole", () => {
  const long = "x".repeat(5_000);
  assert.ok(reportError(new TypeError(long), false).text.length < 400);
  const { text } = reportError(new RunError("Text", { cause: new Error(long) }), true);
  assert.ok(text.includes(long));
});

Deno.test("reportError() ends a chain of causes that leads back to itself", () => {
  const circle = new Error("circle");
  circle.cause = circle;
  const { text } = reportError(new RunError("Text", { cause: circle }), true);
  assert.equal(text.split("\n").length, 10);
});

Deno.test("reportError() lets no value act on the terminal", () => {
  const error = new RunError('Cannot read "\x1b[2J\n": gone', { hint: 'Use "\u202e"' });
  assert.equal(
    reportError(error, false).text,
    'xdp-inspector: Cannot read "\\x1b[2J\\n": gone\n  Use "\\u{202e}"\n',
  );
});

Deno.test("reportError() lets no defect act on the terminal either", () => {
  const error = new TypeError("x\x1b[2J", { cause: new Error("y\x07") });
  assert.equal(
    reportError(error, false).text,
    "xdp-inspector: Internal error: x\\x1b[2J\n" +
      "  This is a defect, please report it; -v shows where it happened\n",
  );
  const { text } = reportError(error, true);
  assert.ok(!text.includes("\x1b") && !text.includes("\x07"), JSON.stringify(text));
});

Deno.test("reportError() calls any other error a defect and keeps the stack for verbose", () => {
  const error = new TypeError("x is undefined");
  assert.deepEqual(reportError(error, false), {
    text: "xdp-inspector: Internal error: x is undefined\n" +
      "  This is a defect, please report it; -v shows where it happened\n",
    exitCode: 1,
  });
  const { text } = reportError(error, true);
  assert(text.startsWith(
    "xdp-inspector: Internal error: x is undefined\n  This is a defect, please report it\n" +
      "  TypeError: x is undefined\n      at ",
  ));
});

Deno.test("reportError() shows the first line only of a defect with a long message", () => {
  const { text } = reportError(new Error("Module not found\n    at file.ts:1:1"), false);
  assert.match(text, /^xdp-inspector: Internal error: Module not found\n {2}This is a defect/);
});

Deno.test("reportError() takes whatever is thrown", () => {
  assert.match(reportError("text", true).text, /^xdp-inspector: Internal error: text\n/);
  assert.match(reportError(undefined, true).text, /^xdp-inspector: Internal error: undefined\n/);
});
