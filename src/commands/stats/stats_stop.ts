/**
 * What ends a report before it is complete: signals and the clock.
 *
 * @module
 */
import { EXIT, InspectorError, RunError } from "../../core/errors.ts";
import { ignoresHangup } from "../../core/ignored_signals.ts";
import { formatDuration } from "../../core/quantity.ts";

/** Signals, and the exit code that a shell gives for each: 128 and its number (signal(7)). */
const SIGNALS = [
  ["SIGINT", EXIT.INTERRUPTED],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const;

/** Where signals come from. */
export type SignalSource = Pick<typeof Deno, "addSignalListener" | "removeSignalListener">;

/** Listens from construction to disposal. */
export class StatsStop implements Disposable {
  readonly #controller = new AbortController();
  readonly #resources = new DisposableStack();

  /**
   * @param timeoutMs 0 = no limit
   * @param status text of `/proc/<pid>/status` of this process
   * @param subject what is not complete when it ends
   */
  constructor(
    timeoutMs: number,
    source: SignalSource = Deno,
    status: string = Deno.readTextFileSync("/proc/self/status"),
    subject = "the report",
  ) {
    for (const [signal, exitCode] of SIGNALS) {
      const isIgnored = signal === "SIGHUP" && ignoresHangup(status);
      const listener = () => {
        if (isIgnored) return;
        const text = `Ended by ${signal}: ${subject} is not complete`;
        this.#controller.abort(new InspectorError(text, exitCode));
      };
      source.addSignalListener(signal, listener);
      this.#resources.defer(() => source.removeSignalListener(signal, listener));
    }
    if (timeoutMs === 0) return;
    const timer = setTimeout(() => {
      const limit = formatDuration(timeoutMs / 1000);
      this.#controller.abort(
        new RunError(`Cannot finish ${subject}: it takes longer than ${limit}`, {
          hint: "Give it more with --timeout, or 0 for no limit",
        }),
      );
    }, timeoutMs);
    this.#resources.defer(() => clearTimeout(timer));
  }

  /** Aborted when the report has to end, with the error that says why. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits for `work`, but not beyond the end. */
  async until<T>(work: Promise<T> | T): Promise<T> {
    this.signal.throwIfAborted();
    const ended = Promise.withResolvers<never>();
    const end = () => ended.reject(this.signal.reason);
    this.signal.addEventListener("abort", end);
    try {
      return await Promise.race([work, ended.promise]);
    } finally {
      this.signal.removeEventListener("abort", end);
    }
  }

  [Symbol.dispose](): void {
    this.#resources.dispose();
  }
}
