import assert from "node:assert/strict";
import { usesColour, usesUnicode } from "../../../src/core/terminal.ts";

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

Deno.test("usesUnicode() follows the first of LC_ALL, LC_CTYPE and LANG that is set", () => {
  const uses = (environment: Record<string, string>) => usesUnicode((name) => environment[name]);
  assert.equal(uses({ LANG: "en_US.UTF-8" }), true);
  assert.equal(uses({ LANG: "C.utf8" }), true);
  assert.equal(uses({ LANG: "de_DE.UTF-8@euro" }), true);
  assert.equal(uses({ LANG: "en_US.UTF-8", LC_ALL: "C" }), false);
  assert.equal(uses({ LANG: "C", LC_CTYPE: "C.UTF-8", LC_ALL: "" }), true);
  assert.equal(uses({ LANG: "en_US.ISO-8859-1" }), false);
  assert.equal(uses({}), false);
});
