import assert from "node:assert/strict";
import {
  descriptorHint,
  descriptorNeed,
  requireDescriptors,
} from "../../../src/attach/descriptor_need.ts";
import { RunError } from "../../../src/core/errors.ts";

Deno.test("descriptorNeed() grows by two for each attach point", () => {
  const [none, many] = [descriptorNeed(0), descriptorNeed(256)];
  assert.equal(none.limit, many.limit);
  // The runtime may open one in between.
  const growth = many.needed - none.needed;
  assert(growth >= 505 && growth <= 519, `${growth}`);
});

Deno.test("requireDescriptors() names what is needed and the limit", () => {
  requireDescriptors(2);
  const { limit } = descriptorNeed(0);
  assert.throws(() => requireDescriptors(limit), (error) => {
    assert(error instanceof RunError, String(error));
    assert.match(error.message, new RegExp(`takes \\d+ open files, the limit is ${limit}$`));
    return true;
  });
});

Deno.test("descriptorHint() names a limit that is enough", () => {
  assert.match(descriptorHint(60), /"ulimit -n 1024"/);
  assert.match(descriptorHint(1025), /"ulimit -n 2048"/);
});
