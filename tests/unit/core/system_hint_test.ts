import assert from "node:assert/strict";
import { systemHint } from "../../../src/core/system_hint.ts";

Deno.test("systemHint() has a next step for failures of the system, however deep they lie", () => {
  const failure = (call: () => unknown): unknown => {
    try {
      return call();
    } catch (error) {
      return error;
    }
  };
  const missing = failure(() => Deno.openSync("/nowhere/at/all"));
  assert.match(systemHint(missing)!, /^Check the name/);
  assert.equal(systemHint(new Error("x", { cause: missing })), systemHint(missing));
  assert.match(systemHint(failure(() => Deno.readDirSync("/proc/version")))!, /no directory/);
  assert.match(systemHint(failure(() => Deno.readFileSync("/proc")))!, /^Name a file/);
  assert.match(systemHint(failure(() => Deno.readFileSync("x".repeat(999))))!, /shorter name/);
});

Deno.test("systemHint() says nothing of other errors, and ends where causes lead in a circle", () => {
  const circle = new Error("circle");
  circle.cause = circle;
  const foreign = Object.assign(new Error("x"), { code: "constructor" });
  for (const error of [circle, foreign, null, undefined, "ENOENT"]) {
    assert.equal(systemHint(error), undefined);
  }
});
