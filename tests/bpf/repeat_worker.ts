/**
 * A thread that runs a program many times, at the same moment as others: `concurrency_test.ts`.
 *
 * @module
 */
import { testRunXdp } from "../../ffi/mod.ts";

export interface RepeatOrder {
  readonly programFd: number;
  readonly frame: Uint8Array;
  readonly repeat: number;
  /** Word 0: threads that are ready. Word 1: 1 when all may start. */
  readonly gate: Int32Array<SharedArrayBuffer>;
}

/** This thread's side of the channel: a worker's global, which the type library does not know. */
const channel = globalThis as unknown as {
  onmessage: (event: MessageEvent<RepeatOrder>) => void;
  postMessage(message: unknown): void;
};

channel.onmessage = (event) => {
  const { programFd, frame, repeat, gate } = event.data;
  // The first run opens libbpf; it counts as one of the repeats.
  testRunXdp(programFd, frame, 1);
  Atomics.add(gate, 0, 1);
  Atomics.notify(gate, 0);
  Atomics.wait(gate, 1, 0);
  testRunXdp(programFd, frame, repeat - 1);
  channel.postMessage("done");
};
