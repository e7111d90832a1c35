import assert from "node:assert/strict";
import { History, HISTORY_FILE, MAX_LINES } from "../../../src/commands/sql/history.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const rootOnly = { ignore: Deno.uid() !== 0 };

function add(home: string, ...lines: string[]): string[] {
  using history = new History(home);
  for (const line of lines) history.add(line);
  return history.lines;
}

Deno.test("History keeps lines for the next session, for their owner only", () => {
  using home = TempDirectory.create();
  add(home.path, "SELECT 1;", " SELECT 2; ", "SELECT 2;", "");
  assert.deepEqual(add(home.path), ["SELECT 2;", "SELECT 1;"]);
  assert.equal(Deno.statSync(home.file(HISTORY_FILE)).mode! & 0o777, 0o600);
  add(home.path, ...Array.from({ length: MAX_LINES + 5 }, (_, index) => `SELECT ${index};`));
  const kept = add(home.path);
  assert.deepEqual([kept.length, kept[0]], [MAX_LINES, `SELECT ${MAX_LINES + 4};`]);
});

Deno.test("History lives in memory where there is no place for it", () => {
  using home = TempDirectory.create();
  for (const place of [home.file("none"), "relative"]) {
    assert.deepEqual(add(place, "SELECT 1;"), ["SELECT 1;"]);
    assert.deepEqual(add(place), []);
  }
  assert.deepEqual(home.list(), []);
  Deno.mkdirSync(home.file(HISTORY_FILE));
  assert.deepEqual(add(home.path, "SELECT 1;"), ["SELECT 1;"]);
});

Deno.test("History follows no link and writes to no file of others", rootOnly, () => {
  using home = TempDirectory.create();
  const victim = home.file("victim");
  Deno.writeTextFileSync(victim, "precious\n");
  const name = home.file(HISTORY_FILE);
  const plants = [
    () => Deno.symlinkSync("victim", name),
    () => Deno.linkSync(victim, name),
    () => (Deno.writeTextFileSync(name, "theirs\n"), Deno.chownSync(name, 65534, 65534)),
  ];
  for (const plant of plants) {
    plant();
    assert.deepEqual(add(home.path, "SELECT 1;"), ["SELECT 1;"]);
    assert.equal(Deno.readTextFileSync(victim), "precious\n");
    assert.notEqual(Deno.readTextFileSync(name), "SELECT 1;\n");
    Deno.removeSync(name);
  }
});
