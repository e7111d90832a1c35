/**
 * The outside of a worker: waiting for one of its messages, and noticing when it dies.
 *
 * @module
 */
import { RunError } from "./errors.ts";
import { keepHeapsSmall } from "./heap_growth.ts";
import { BrokenPipe } from "./standard_streams.ts";

/** A failure that a worker reports about itself. */
export interface FailedMessage {
  readonly type: "failed";
  readonly message: string;
  readonly hint?: string | undefined;
}

interface Waiter<Message> {
  readonly resolve: (message: Message) => void;
  readonly reject: (error: Error) => void;
}

/** What is needed of a `Worker`. */
export type WorkerHandle = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror">;

/** Starts the worker of a module. */
export type StartWorker = (url: URL) => WorkerHandle;

/** As a thread of this process, whose heap stays small. */
export const startWorker: StartWorker = (url) => {
  keepHeapsSmall();
  return new Worker(url.href, { type: "module" });
};

/** A worker whose messages are told apart by their `type`. Dispose to end it at once. */
export class WorkerThread<Request, Message extends { readonly type: string }>
  implements Disposable {
  /** Rejects when the worker fails; never resolves. */
  readonly failure: Promise<never>;
  readonly #worker: WorkerHandle;
  readonly #waiters = new Map<string, Waiter<Message>>();
  readonly #listeners = new Map<string, (message: Message) => void>();
  #fail!: (error: Error) => void;
  #error: Error | undefined;

  /** @param url module of the worker */
  constructor(url: URL, start: StartWorker = startWorker) {
    this.failure = new Promise((_, reject) => this.#fail = reject);
    // Whoever awaits a reply learns of the failure there as well.
    this.failure.catch(() => {});
    this.#worker = start(url);
    this.#worker.onmessage = (event: MessageEvent<Message | FailedMessage>) =>
      this.#receive(event.data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#failed(new Error(event.message));
    };
  }

  /** Posts a request. Shared memory in it is shared, the rest copied. */
  post(request: Request): void {
    this.#worker.postMessage(request);
  }

  /** The next message of a type. Rejects if the worker fails first, or has. Ask before it can be sent. */
  next<Type extends Message["type"]>(type: Type): Promise<Extract<Message, { type: Type }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    if (this.#error) reject(this.#error);
    else this.#waiters.set(type, { resolve, reject });
    // The recording as a whole fails through `failure`; nobody may be waiting here yet.
    promise.catch(() => {});
    return promise as Promise<Extract<Message, { type: Type }>>;
  }

  /** Calls `listener` at every message of a type. */
  on<Type extends Message["type"]>(
    type: Type,
    listener: (message: Extract<Message, { type: Type }>) => void,
  ): void {
    this.#listeners.set(type, listener as (message: Message) => void);
  }

  #receive(message: Message | FailedMessage): void {
    if (message.type === "failed") {
      const { message: text, hint } = message as FailedMessage;
      this.#failed(new RunError(text, hint === undefined ? {} : { hint }));
      return;
    }
    if (message.type === "broken_pipe") return this.#failed(new BrokenPipe());
    const { type } = message as Message;
    this.#listeners.get(type)?.(message as Message);
    this.#waiters.get(type)?.resolve(message as Message);
    this.#waiters.delete(type);
  }

  #failed(error: Error): void {
    this.#error ??= error;
    this.#fail(error);
    for (const waiter of this.#waiters.values()) waiter.reject(error);
    this.#waiters.clear();
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
