import { equal, rejects } from "node:assert/strict";
import { DeadlineError, waitFor, within } from "../../support/deadline.ts";

Deno.test("waitFor() returns the first answer that is neither undefined nor false", async () => {
  const answers = [undefined, false, 0, 7];
  equal(await waitFor("an answer", 60_000, () => answers.shift()), 0);
});

Deno.test("waitFor() names the fact when the limit has passed", async () => {
  await rejects(
    waitFor("the moon", 10, () => false),
    new DeadlineError("Waited 10 ms for the moon"),
  );
});

Deno.test("within() settles as the promise does, or fails at the limit", async () => {
  equal(await within("a value", 60_000, Promise.resolve(3)), 3);
  let limited = false;
  const never = new Promise<never>(() => {});
  await rejects(within("the end", 10, never, () => limited = true), DeadlineError);
  equal(limited, true);
});
