/**
 * The inside of a worker's message channel, typed. The compiler's worker library cannot be loaded
 * beside the main thread's, so the global scope is named here once.
 *
 * @module
 */

/** What a worker's global scope offers for talking to the thread that made it. */
export interface WorkerPort<Request, Message> {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(message: Message): void;
  /** Ends the worker when the present task is done. */
  close(): void;
}

/** The port of the worker that runs this code. */
export function workerPort<Request, Message>(): WorkerPort<Request, Message> {
  return globalThis as unknown as WorkerPort<Request, Message>;
}
