import assert from "node:assert/strict";
import { readSources } from "../../checks/findings.ts";
import { checkHouseRules } from "../../checks/house_rules.ts";

function check(text: string): string[] {
  return checkHouseRules([{ path: "src/a.ts", text }]).map(({ line, text }) => `${line}: ${text}`);
}

Deno.test("checkHouseRules() finds nothing wrong with this project", () => {
  assert.deepEqual(checkHouseRules(readSources(["src", "ffi"], [".ts"])), []);
});

Deno.test("checkHouseRules() finds a final period, in messages and hints", () => {
  assert.deepEqual(check('throw new RunError("Cannot read.");'), [
    '1: "Cannot read.": a message with a final period',
  ]);
  assert.deepEqual(check("throw new UsageError(`Cannot read ${name}.`);"), [
    '1: "Cannot read ${}.": a message with a final period',
  ]);
  assert.deepEqual(
    check('new UnsupportedError("No BTF", {\n  hint: a ? "Do this." : "Do that"\n});'),
    [
      '2: "Do this.": a message with a final period',
    ],
  );
});

Deno.test("checkHouseRules() allows a period inside a text of several pieces", () => {
  assert.deepEqual(check('new RunError("First part. " + `is "${path}".` +\n  " Last part");'), []);
  assert.deepEqual(check('new RunError("First part" + " last part.");').length, 1);
});

Deno.test("checkHouseRules() finds contractions, quotes and tone", () => {
  const cases: [string, string][] = [
    [`"Don't"`, "a contraction"],
    ['"It can’t be"', "a contraction"],
    ['"Because it\'s full"', "a contraction"],
    ["`Cannot read '${path}'`", "a value in single quotes"],
    ['"Please retry"', '"please"'],
    ['"Failed!"', "an exclamation mark"],
  ];
  for (const [text, rule] of cases) {
    const found = check(`new RunError(${text})`);
    assert(found.length === 1 && found[0]?.endsWith(`a message with ${rule}`), found.join());
  }
});

Deno.test("checkHouseRules() looks at nothing but messages", () => {
  assert.deepEqual(
    check('log("Done."); new Thing("Don\'t."); new RunError("Fine"); f("Also.");'),
    [],
  );
});
