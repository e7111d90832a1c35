/**
 * What ends a recording from outside: signals and the clock.
 *
 * @module
 */

import { ignoresHangup } from "../../core/ignored_signals.ts";

export { ignoresHangup };

/** Signals that ask for an orderly end. */
const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Where signals come from. */
export type SignalSource = Pick<typeof Deno, "addSignalListener" | "removeSignalListener">;

/** Listens from construction to disposal. */
export class StopRequest implements Disposable {
  /** Resolves at the first stop signal. */
  readonly requested: Promise<void>;
  /** Resolves at a second SIGINT: leave at once. */
  readonly forced: Promise<undefined>;
  readonly #resources = new DisposableStack();
  readonly #source: SignalSource;

  /** @param status text of `/proc/<pid>/status` of this process */
  constructor(
    source: SignalSource = Deno,
    status: string = Deno.readTextFileSync("/proc/self/status"),
  ) {
    this.#source = source;
    const requested = Promise.withResolvers<void>();
    const forced = Promise.withResolvers<undefined>();
    this.requested = requested.promise;
    this.forced = forced.promise;
    // A file that passes the limit of its size (ulimit -f) is an error of write(2), not the end.
    this.onSignal("SIGXFSZ", () => {});
    let signals = 0;
    for (const signal of STOP_SIGNALS) {
      if (signal === "SIGHUP" && ignoresHangup(status)) {
        // nohup(1) ignores SIGHUP so that the program outlives its terminal. Not to listen would undo
        // that: the first listener of any signal makes Deno handle SIGHUP as well, and end the process
        // when nobody listens to it.
        this.onSignal(signal, () => {});
        continue;
      }
      this.onSignal(signal, () => {
        if (signals++ === 0) requested.resolve();
        else if (signal === "SIGINT") forced.resolve(undefined);
      });
    }
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
