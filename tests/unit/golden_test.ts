import assert from "node:assert/strict";
import { join } from "node:path";
import { CLI_GOLDEN, cliGoldenCases } from "../support/cli_golden.ts";
import { GOLDEN, goldenCases, goldenText } from "../support/golden.ts";

const CASES = goldenCases();

for (const golden of CASES) {
  Deno.test(`runStats() prints what ${golden.file} holds`, async () => {
    const text = await goldenText(golden);
    assert.equal(text, Deno.readTextFileSync(join(GOLDEN, golden.file)));
  });
}

for (const { file, text } of cliGoldenCases()) {
  Deno.test(`the command line prints what cli/${file} holds`, () => {
    assert.equal(text, Deno.readTextFileSync(join(CLI_GOLDEN, file)));
  });
}

Deno.test("every golden file belongs to one case", () => {
  const filesIn = (directory: string) =>
    [...Deno.readDirSync(directory)].filter(({ isFile }) => isFile).map(({ name }) => name).sort();
  assert.deepEqual(filesIn(GOLDEN), CASES.map(({ file }) => file).sort());
  assert.deepEqual(filesIn(CLI_GOLDEN), cliGoldenCases().map(({ file }) => file).sort());
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
