import { equal, match } from "node:assert/strict";
import { compileFailure } from "../../../.ci/build/compile.ts";

const TRIPLE = "x86_64-unknown-linux-gnu";

Deno.test("compileFailure() says in one line what to do where the runtime cannot be downloaded", () => {
  const message =
    "deno compile: exit code 1\nerror: Writing deno compile executable\n\nCaused by:\n" +
    "    0: Setting up base binary.\n    1: error sending request for url (https://dl.deno.land/x)";
  match(
    compileFailure(message, TRIPLE),
    /^Cannot download .* for x86_64-unknown-linux-gnu: .*DENORT_BIN$/,
  );
});

Deno.test("compileFailure() leaves other failures as they are", () => {
  equal(compileFailure("error: Module not found", TRIPLE), "error: Module not found");
});
