/**
 * What ends a recording from outside: signals and the clock.
 *
 * @module
 */

import { ignoresHangup } from "../../core/ignored_signals.ts";

export { ignoresHangup };

/** Signals that ask for an orderly end. */
const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * A second SIGTERM sooner than this is the first once more: timeout(1) sends it to its child and then
 * to the group of both. Milliseconds.
 */
const ONE_REQUEST_MS = 1000;

/** Where signals come from. */
export type SignalSource = Pick<typeof Deno, "addSignalListener" | "removeSignalListener">;

/** Listens from construction to disposal. */
export class StopRequest implements Disposable {
  /** Resolves at the first stop signal. */
  readonly requested: Promise<void>;
  /** Resolves at a second SIGINT: leave at once. */
  readonly forced: Promise<undefined>;
  /** Resolves at a second SIGINT or SIGTERM: do not wait for anybody else. */
  readonly repeated: Promise<undefined>;
  readonly #resources = new DisposableStack();
  readonly #source: SignalSource;
  #atNext = Promise.withResolvers<undefined>();

  /**
   * @param status text of `/proc/<pid>/status` of this process
   * @param clockMs milliseconds from any moment on
   */
  constructor(
    source: SignalSource = Deno,
    status: string = Deno.readTextFileSync("/proc/self/status"),
    clockMs: () => number = () => performance.now(),
  ) {
    this.#source = source;
    const requested = Promise.withResolvers<void>();
    const forced = Promise.withResolvers<undefined>();
    this.requested = requested.promise;
    this.forced = forced.promise;
    const repeated = Promise.withResolvers<undefined>();
    this.repeated = repeated.promise;
    // A file that passes the limit of its size (ulimit -f) is an error of write(2), not the end.
    this.onSignal("SIGXFSZ", () => {});
    let signals = 0;
    let firstMs = 0;
    for (const signal of STOP_SIGNALS) {
      if (signal === "SIGHUP" && ignoresHangup(status)) {
        // nohup(1) ignores SIGHUP so that the program outlives its terminal. Not to listen would undo
        // that: the first listener of any signal makes Deno handle SIGHUP as well, and end the process
        // when nobody listens to it.
        this.onSignal(signal, () => {});
        continue;
      }
      this.onSignal(signal, () => {
        this.#atNext.resolve(undefined);
        this.#atNext = Promise.withResolvers();
        if (signals++ === 0) {
          firstMs = clockMs();
          return requested.resolve();
        }
        if (signal === "SIGINT") forced.resolve(undefined);
        const isNew = signal === "SIGTERM" && clockMs() - firstMs >= ONE_REQUEST_MS;
        if (isNew || signal === "SIGINT") repeated.resolve(undefined);
      });
    }
  }

  /** Resolves at the next stop signal from now on, whichever it is. */
  next(): Promise<undefined> {
    return this.#atNext.promise;
  }

  /** Calls `listener` at each `signal` until disposal. */
  onSignal(signal: Deno.Signal, listener: () => void): void {
    this.#source.addSignalListener(signal, listener);
    this.#resources.defer(() => this.#source.removeSignalListener(signal, listener));
  }

  /** Resolves after `durationMs` milliseconds; never, if that is 0. */
  after(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (durationMs === 0) return;
      this.#wait(durationMs, resolve);
    });
  }

  /** A timer counts milliseconds in 31 bits, which is 24 days. */
  #wait(leftMs: number, done: () => void): void {
    const stepMs = Math.min(leftMs, 2 ** 31 - 1);
    const timer = setTimeout(() => {
      if (leftMs > stepMs) this.#wait(leftMs - stepMs, done);
      else done();
    }, stepMs);
    this.#resources.defer(() => clearTimeout(timer));
  }

  [Symbol.dispose](): void {
    this.#resources.dispose();
  }
}
