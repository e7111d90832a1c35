import assert from "node:assert/strict";
import plugin from "../../checks/lint_plugin.ts";

/** What the plugin says of a module, as `line: message`. */
function lint(text: string, path = "src/a.ts"): string[] {
  return Deno.lint.runPlugin(plugin, path, text).map(({ range, message }) =>
    `${text.slice(0, range[0]).split("\n").length}: ${message}`
  );
}

Deno.test("message-style finds a final period, in messages and hints", () => {
  assert.deepEqual(lint('throw new RunError("Cannot read.");'), [
    '1: "Cannot read.": a message with a final period',
  ]);
  assert.deepEqual(lint("throw new UsageError(`Cannot read ${name}.`);"), [
    '1: "Cannot read ${}.": a message with a final period',
  ]);
  assert.deepEqual(
    lint('new UnsupportedError("No BTF", {\n  hint: a ? "Do this." : "Do that"\n});'),
    ['2: "Do this.": a message with a final period'],
  );
});

Deno.test("message-style allows a period inside a text of several pieces", () => {
  assert.deepEqual(lint('new RunError("First part. " + `is "${path}".` +\n  " Last part");'), []);
  assert.equal(lint('new RunError("First part" + " last part.");').length, 1);
});

Deno.test("message-style finds contractions, quotes and tone", () => {
  const cases: [string, string][] = [
    [`"Don't"`, "a contraction"],
    ['"It can’t be"', "a contraction"],
    ['"Because it\'s full"', "a contraction"],
    ["`Cannot read '${path}'`", "a value in single quotes"],
    ['"Please retry"', '"please"'],
    ['"Failed!"', "an exclamation mark"],
  ];
  for (const [text, rule] of cases) {
    const found = lint(`new RunError(${text})`);
    assert(found.length === 1 && found[0]?.endsWith(`a message with ${rule}`), found.join());
  }
});

Deno.test("message-style looks at nothing but messages", () => {
  assert.deepEqual(
    lint('log("Done."); new Thing("Don\'t."); new RunError("Fine"); f("Also.");'),
    [],
  );
});

Deno.test("native-behind-ffi finds native memory outside ffi/, in types too", () => {
  const text = "const a = 1;\nconst x: Deno.UnsafePointer = y;\nnew Deno.UnsafePointerView(x);\n" +
    'new Deno.UnsafeCallback(x);\nDeno.dlopen("libbpf.so.1", {});';
  assert.deepEqual(lint(text), [
    "2: Deno.UnsafePointer outside ffi/",
    "3: Deno.UnsafePointerView outside ffi/",
    "4: Deno.UnsafeCallback outside ffi/",
    "5: Deno.dlopen outside ffi/",
  ]);
  assert.deepEqual(lint(text, "ffi/bpf/a.ts"), []);
});

Deno.test("only-main-exits finds code that ends the process, outside src/main.ts", () => {
  const text = "// Deno.exit() is for main\nDeno.exit(1);\nprocess.exit(1);";
  const found = [
    "2: only src/main.ts may end the process",
    "3: only src/main.ts may end the process",
  ];
  assert.deepEqual(lint(text, "src/sinks/worker.ts"), found);
  assert.deepEqual(lint(text, "ffi/a.ts"), found);
  assert.deepEqual(lint(text, "src/main.ts"), []);
});

Deno.test("literal-import finds imports that deno compile or the lock file would miss", () => {
  assert.deepEqual(lint('await import(name);\nimport "npm:commander@15";'), [
    "1: a dynamic import that is no literal",
    '2: "npm:commander@15" belongs into the imports of deno.json',
  ]);
});

Deno.test("one-argument-parser finds a second file that takes command lines apart", () => {
  const text = 'import { parseArgs } from "node:util";';
  assert.deepEqual(lint(text), ["1: parseArgs outside src/cli/argument_parser.ts"]);
  assert.deepEqual(lint(text, "src/cli/argument_parser.ts"), []);
});

Deno.test("the rules are about the program, not about its tests", () => {
  assert.deepEqual(lint("Deno.exit(1);", "tests/run.ts"), []);
  assert.deepEqual(lint("Deno.exit(1);", "/home/a/project/tests/unit/src/a.ts"), []);
});
