import assert from "node:assert/strict";
import { jsonData, markup } from "../../../../src/render/page/markup.ts";

Deno.test("markup() escapes text in elements and attributes, and leaves markup as it is", () => {
  const text = `</td><script>'"&\u202e\x1b`;
  const inner = markup`<b title="${text}">${text}</b>`;
  const escaped = "&lt;/td&gt;&lt;script&gt;&#39;&quot;&amp;\\u{202e}\\x1b";
  assert.equal(`${inner}`, `<b title="${escaped}">${escaped}</b>`);
  assert.equal(
    `${markup`<i>${inner}${null}${3}${[inner, "<"]}</i>`}`,
    `<i>${inner}3${inner}&lt;</i>`,
  );
});

Deno.test("jsonData() leaves nothing that ends a script, and the same data", () => {
  const value = { name: "</script><!--" };
  const data = `${jsonData(JSON.stringify(value))}`;
  assert.doesNotMatch(data, /</);
  assert.deepEqual(JSON.parse(data), value);
});
