import assert from "node:assert/strict";
import { VERSION } from "../../../src/core/version.ts";

Deno.test("VERSION is the version of deno.json", () => {
  const manifest = Deno.readTextFileSync(new URL("../../../deno.json", import.meta.url));
  assert.equal(VERSION, JSON.parse(manifest).version);
});
