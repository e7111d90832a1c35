/** What the page about a capture says below its tables. */
import assert from "node:assert/strict";
import { askCapture } from "../../../../src/commands/report/ask_capture.ts";
import { Recordings } from "../../../../src/query/recordings.ts";
import { EVERYTHING } from "../../../../src/query/selection.ts";
import { capturePage } from "../../../../src/render/page/capture_page.ts";
import { fixturePath } from "../../../support/make_fixture.ts";

/** Notes below the tables of a part of the page. */
async function notes(direction: "in" | null): Promise<(id: string) => string[]> {
  const selection = { ...EVERYTHING, direction };
  using recordings = await Recordings.open([fixturePath("connections")], { selection });
  const answers = await askCapture(recordings, 1);
  const page = (await Array.fromAsync(capturePage(answers))).join("");
  return (id) => {
    const [, part] = page.split(`<section id="${id}"`);
    const found = part!.split("</section>")[0]!.matchAll(/<p class="soft">([^<]*)<\/p>/g);
    return [...found].map(([, text]) => text!);
  };
}

Deno.test("capturePage() says below a table of how many rows one side only was seen", async () => {
  const all = await notes(null);
  assert.match(all("hosts").join("\n"), /^of 1 TCP conversation the packets of one side only were/);
  assert.match(all("tcp").join("\n"), /^of 1 row the other direction was not seen: [^\n]*$/);
  const incoming = await notes("in");
  assert.match(incoming("hosts").join("\n"), /^of 17 TCP conversations /);
  const [segments, failed, ...others] = incoming("tcp");
  assert.match(segments!, /^of 17 rows the other direction was not seen: /);
  assert.match(failed!, /^of 3 rows the packets of one side only .* can have been answered$/);
  assert.deepEqual(others, []);
  assert.doesNotMatch(incoming("services").join("\n"), /of 17/);
});
