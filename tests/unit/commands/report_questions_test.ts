/** How far a page is. */
import assert from "node:assert/strict";
import { askCapture, QUESTIONS } from "../../../src/commands/report/ask_capture.ts";
import { Questions } from "../../../src/commands/report/questions.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import { fixturePath } from "../../support/make_fixture.ts";

Deno.test("askCapture() has as many answers as it says", async () => {
  using recordings = await Recordings.open([fixturePath("complete")]);
  let answers = 0;
  await askCapture(recordings, null, () => answers++);
  assert.equal(answers, QUESTIONS);
});

Deno.test("Questions never go back, though a question can be several queries", () => {
  let share: number | null = 0;
  const recordings = {
    get progress() {
      return { what: "querying", share, done: null };
    },
    rowCount: 1000n,
    watch() {},
  };
  const questions = new Questions(recordings, 4);
  const now = () => {
    const { share, done } = questions.progress;
    return [share, done?.amount];
  };
  assert.deepEqual(now(), [0, 0]);
  share = 0.5;
  assert.deepEqual(now(), [0.125, 500]);
  share = 0.25;
  assert.deepEqual(now(), [0.125, 500]);
  questions.next();
  share = null;
  assert.deepEqual(now(), [0.25, 1000]);
  for (let count = 0; count < 3; count++) questions.next();
  share = 1;
  assert.equal(now()[0], 1);
});
