import { deepEqual, equal, match } from "node:assert/strict";
import { configuration, testsOf } from "../../mutation/mutate.ts";

Deno.test("testsOf() names the tests that mirror a part of the program", () => {
  equal(testsOf("src/query"), "tests/unit/query");
  equal(testsOf("src/core/duration.ts"), "tests/unit/core");
  equal(testsOf("ffi/linux/epoll.ts"), "tests/unit/ffi");
});

Deno.test("configuration() mutates a file, or all files of a directory, and runs the tests named", () => {
  const { mutate, commandRunner } = configuration("src/query", ["a_test.ts", "b_test.ts"]);
  deepEqual(mutate, ["src/query/**/*.ts"]);
  match((commandRunner as { command: string }).command, / deno test .* a_test\.ts b_test\.ts$/);
  deepEqual(configuration("src/a.ts", []).mutate, ["src/a.ts"]);
});
