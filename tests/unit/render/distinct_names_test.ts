import assert from "node:assert/strict";
import { distinctNames } from "../../../src/render/distinct_names.ts";

Deno.test("distinctNames() numbers names that stand twice, and leaves the others", () => {
  const cases: [names: string[], distinct: string[]][] = [
    [[], []],
    [["a", "b", "A"], ["a", "b", "A"]],
    [["a", "a", "a"], ["a", "a_1", "a_2"]],
    // What a number makes of a name may stand there as well, before and behind it.
    [["a", "a", "a_1"], ["a", "a_1", "a_1_1"]],
    [["a_1", "a", "a"], ["a_1", "a", "a_2"]],
    [["", "", "constructor", "__proto__", "__proto__"], [
      "",
      "_1",
      "constructor",
      "__proto__",
      "__proto___1",
    ]],
  ];
  for (const [names, distinct] of cases) assert.deepEqual(distinctNames(names), distinct);
});

Deno.test("distinctNames() loses no name of thousands that are the same", () => {
  const names = distinctNames(new Array<string>(20_000).fill("n"));
  assert.equal(new Set(names).size, 20_000);
});
