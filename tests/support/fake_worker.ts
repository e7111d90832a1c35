/**
 * A thread that does nothing by itself: what it says, and when, is the test's.
 *
 * @module
 */
import type { WorkerHandle } from "../../src/core/worker_thread.ts";

/** In place of a worker. */
export class FakeWorker implements WorkerHandle {
  onmessage: WorkerHandle["onmessage"] = null;
  onerror: WorkerHandle["onerror"] = null;
  /** What it was sent. */
  readonly received: { readonly type?: string }[] = [];
  isRunning = true;

  postMessage(message: unknown): void {
    this.received.push(message as { type?: string });
  }

  terminate(): void {
    this.isRunning = false;
  }

  /** Says something to the controlling thread. */
  say(message: { readonly type: string; readonly [key: string]: unknown }): void {
    this.onmessage!.call(this as unknown as Worker, new MessageEvent("message", { data: message }));
  }
}

/** Starts one {@linkcode FakeWorker} after the other. */
export class FakeWorkers {
  /** What was started, in this order. */
  readonly started: string[] = [];
  readonly workers: FakeWorker[] = [];
  /** Whether a worker cannot be started. */
  refuses = false;

  readonly start = (url: URL): FakeWorker => {
    this.started.push(url.pathname.split("/").at(-1)!);
    if (this.refuses) throw new Error("Cannot start a thread: a test");
    this.workers.push(new FakeWorker());
    return this.workers.at(-1)!;
  };

  /** The only one. */
  get worker(): FakeWorker {
    return this.workers[0]!;
  }
}
