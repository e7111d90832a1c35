import assert from "node:assert/strict";
import { WorkerThread } from "../../../src/recorder/worker_thread.ts";

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
