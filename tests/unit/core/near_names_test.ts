import assert from "node:assert/strict";
import { editDistance, nearNames, suggestion } from "../../../src/core/near_names.ts";

Deno.test("editDistance() counts insertions, deletions, replacements and swaps", () => {
  const cases: [string, string, number][] = [
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "", 3],
    ["abc", "abc", 0],
    ["kitten", "sitting", 3],
    ["recrod", "record", 1],
    ["ab", "ba", 1],
    ["ca", "abc", 3],
  ];
  for (const [from, to, expected] of cases) assert.equal(editDistance(from, to), expected, from);
});

Deno.test("nearNames() offers the nearest first, three at most", () => {
  assert.deepEqual(nearNames("eht0", ["lo", "eth1", "eth0"]), ["eth0"]);
  assert.deepEqual(nearNames("eth", ["lo", "eth0", "eth1", "eth2", "eth3"]), [
    "eth0",
    "eth1",
    "eth2",
  ]);
  assert.deepEqual(nearNames("enp0s3", ["enp0s31f6", "enp0s8"]), ["enp0s8", "enp0s31f6"]);
});

Deno.test("nearNames() ignores case", () => {
  assert.deepEqual(nearNames("ETH0", ["eth0", "wlan0"]), ["eth0"]);
});

Deno.test("nearNames() offers nothing for names that are far away, empty or endless", () => {
  for (const name of ["wlan0", "x", "", "e".repeat(1_000_000)]) {
    assert.deepEqual(nearNames(name, ["eth0", "lo"]), []);
  }
});

Deno.test("suggestion() quotes the names, and is undefined without any", () => {
  assert.equal(suggestion("flow", ["top", "flows"]), 'Did you mean "flows"?');
  assert.equal(suggestion("eth", ["eth0", "eth1"]), 'Did you mean "eth0" or "eth1"?');
  assert.equal(suggestion("bogus", ["top", "flows"]), undefined);
});
