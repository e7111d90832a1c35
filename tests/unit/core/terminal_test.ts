import assert from "node:assert/strict";
import { usesColour } from "../../../src/core/terminal.ts";

function colour(isTerminal: boolean, environment: Record<string, string>): boolean {
  return usesColour(isTerminal, (name) => environment[name]);
}

Deno.test("usesColour() needs a terminal that can show colours", () => {
  assert.equal(colour(true, { TERM: "xterm" }), true);
  assert.equal(colour(true, {}), true);
  assert.equal(colour(true, { TERM: "dumb" }), false);
  assert.equal(colour(false, { TERM: "xterm" }), false);
});

Deno.test("usesColour() heeds NO_COLOR if it is set and not empty", () => {
  assert.equal(colour(true, { NO_COLOR: "1" }), false);
  assert.equal(colour(true, { NO_COLOR: "0" }), false);
  assert.equal(colour(true, { NO_COLOR: "" }), true);
});
