import assert from "node:assert/strict";
import { choiceFlag, listFlag, optionalFlag, spellings, valueFlag } from "../../../src/cli/flag.ts";
import { COMMANDS } from "../../support/commands.ts";
import { InvalidValue } from "../../../src/core/invalid_value.ts";

const TEXTS = {
  long: "--number",
  valueName: "<n>",
  help: "a number",
  parse: (text: string) => {
    if (!/^\d+$/.test(text)) throw new InvalidValue("it is no number");
    return Number(text);
  },
};

const VALUE = valueFlag({ ...TEXTS, defaultValue: "7" });
const OPTIONAL = optionalFlag(TEXTS);
const LIST = listFlag({
  ...TEXTS,
  parse: (text) => text.split(",").map(TEXTS.parse),
  defaults: [7],
  defaultText: "7",
});
const CHOICE = choiceFlag({
  long: "--number",
  help: "a word",
  choices: ["one", "two"],
  defaultValue: "one",
});

Deno.test("a flag has its default when it is not given", () => {
  assert.deepEqual([VALUE.read([]), OPTIONAL.read([]), LIST.read([]), CHOICE.read([])], [
    7,
    null,
    [7],
    "one",
  ]);
});

Deno.test("a flag takes the last of several values, a list all of them", () => {
  assert.equal(VALUE.read(["1", "2"]), 2);
  assert.equal(OPTIONAL.read(["1", "2"]), 2);
  assert.equal(CHOICE.read(["one", "two"]), "two");
  assert.deepEqual(LIST.read(["1,2", "3"]), [1, 2, 3]);
});

Deno.test("a flag refuses a wrong value also when a good one comes before or behind it", () => {
  for (const flag of [VALUE, OPTIONAL, LIST, CHOICE]) {
    const good = flag === CHOICE ? "two" : "2";
    for (const texts of [["x"], ["x", good], [good, "x"]]) {
      assert.throws(() => flag.read(texts), {
        name: "UsageError",
        message: /^Cannot use "x" for --number: /,
      });
    }
  }
});

Deno.test("no command has one spelling for two flags", () => {
  for (const { name, flags } of COMMANDS) {
    const all = Object.values(flags).flatMap(spellings);
    assert.deepEqual(all.filter((one, index) => all.indexOf(one) < index), [], name);
  }
});
