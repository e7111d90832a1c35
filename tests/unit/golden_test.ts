import assert from "node:assert/strict";
import { join } from "node:path";
import { GOLDEN, goldenCases, goldenText } from "../support/golden.ts";

const CASES = goldenCases();

for (const golden of CASES) {
  Deno.test(`runStats() prints what ${golden.file} holds`, async () => {
    const text = await goldenText(golden);
    assert.equal(text, Deno.readTextFileSync(join(GOLDEN, golden.file)));
  });
}

Deno.test("every golden file belongs to one case", () => {
  const files = [...Deno.readDirSync(GOLDEN)].map(({ name }) => name).sort();
  assert.deepEqual(files, CASES.map(({ file }) => file).sort());
});

Deno.test("no golden file without colour holds a control character", () => {
  for (const { file, colour } of CASES) {
    const text = Deno.readTextFileSync(join(GOLDEN, file)).replaceAll("\n", "");
    if (!colour) assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u, file);
  }
});

Deno.test("no table made for a width is wider", () => {
  for (const { file, width, colour } of CASES) {
    if (width === null || colour) continue;
    for (const line of Deno.readTextFileSync(join(GOLDEN, file)).split("\n")) {
      assert.ok([...line].length <= width, `${file}: ${line}`);
    }
  }
});
