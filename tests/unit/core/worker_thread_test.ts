import assert from "node:assert/strict";
import v8 from "node:v8";
import { BrokenPipe } from "../../../src/core/standard_streams.ts";
import { startWorker, WorkerThread } from "../../../src/core/worker_thread.ts";
import { within } from "../../support/deadline.ts";
import { FakeWorker } from "../../support/fake_worker.ts";

function start() {
  const url = new URL("../../support/failing_worker.ts", import.meta.url);
  return new WorkerThread<"fail", { readonly type: "done" }>(url);
}

const FAILURE = { name: "RunError", message: "Cannot go on: a test", hint: "Look elsewhere" };

Deno.test("WorkerThread.next() rejects when the worker fails", async () => {
  using thread = start();
  const done = thread.next("done");
  thread.post("fail");
  await assert.rejects(done, FAILURE);
  await assert.rejects(thread.failure, FAILURE);
});

Deno.test("WorkerThread.next() rejects when the worker has failed before", async () => {
  using thread = start();
  thread.post("fail");
  await assert.rejects(thread.failure, FAILURE);
  await assert.rejects(thread.next("done"), FAILURE);
});

Deno.test("WorkerThread fails with a broken pipe when the worker's reader has gone", async () => {
  const worker = new FakeWorker();
  using thread = new WorkerThread<never, { readonly type: "done" }>(
    new URL("file:///nowhere.ts"),
    () => worker,
  );
  const done = thread.next("done");
  worker.say({ type: "broken_pipe" });
  await assert.rejects(within("the failure", 20_000, done), BrokenPipe);
  await assert.rejects(within("the failure", 20_000, thread.failure), BrokenPipe);
});

Deno.test("startWorker() keeps the heap of the thread small", () => {
  const flags: string[] = [];
  const original = v8.setFlagsFromString;
  v8.setFlagsFromString = (flag: string) => void flags.push(flag);
  try {
    const url = new URL("../../support/failing_worker.ts", import.meta.url);
    startWorker(url).terminate();
  } finally {
    v8.setFlagsFromString = original;
  }
  assert.deepEqual(flags, ["--heap-growing-percent=20"]);
});
