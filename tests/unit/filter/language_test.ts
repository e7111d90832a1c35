import assert from "node:assert/strict";

import { FILTER_DIFFERENCES, FILTER_WORDS } from "../../../src/filter/language.ts";
import { parseFilter } from "../../../src/filter/parser.ts";
import { ALL_WORDS, NUMBERS } from "../../../src/filter/words.ts";

/** What stands between backticks and is a part of an expression, or a flag. */
const PARTS = new Set(["&&", "||", "!", "not", "+ - * / % & | ^ << >>", "len", "ttl", "dscp"]);

function expressions(texts: typeof FILTER_WORDS): string[] {
  const coded = texts.flatMap(([, text]) =>
    [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)
  );
  return coded.filter((code) => !PARTS.has(code) && !code.startsWith("-"));
}

Deno.test("FILTER_WORDS show expressions that the parser takes", () => {
  const all = expressions(FILTER_WORDS).filter((text) => text !== "tcp[4:4]");
  assert.ok(all.length > 50);
  for (const text of all) assert.doesNotThrow(() => parseFilter(text), text);
  assert.doesNotThrow(() => parseFilter("tcp[4:4] = 1"));
});

Deno.test("FILTER_WORDS tell every word of the language but those for numbers", () => {
  const text = JSON.stringify(FILTER_WORDS);
  // Rare protocols, which pcap-filter(7) lists, and other spellings.
  const rare = ["link", "atalk", "aarp", "decnet", "lat", "moprc", "mopdl", "sca", "igrp", "carp"];
  const missing = ALL_WORDS.filter((word) =>
    !Object.hasOwn(NUMBERS, word) && !rare.includes(word) && !new RegExp(`\\b${word}\\b`).test(text)
  );
  assert.deepEqual(missing, []);
});

Deno.test("FILTER_DIFFERENCES name what is refused", () => {
  const [, refused] = FILTER_DIFFERENCES.find(([what]) => what === "Refused")!;
  const named = expressions([["", refused]]).filter((text) => text !== "fragment");
  for (const text of [...named, "ip[0] = 1", "ip[6:2] = 1", "gateway 10.0.0.1", "mpls 7"]) {
    assert.throws(() => parseFilter(text), text);
  }
});
