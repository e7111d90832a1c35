/**
 * A thread of `suite_contention.ts`: runs a program many times, at the same moment as others.
 *
 * @module
 */
import { inPrivateNetwork, sendXdpLive, testRunXdp } from "../../ffi/mod.ts";
import { workerPort } from "../../src/core/worker_port.ts";

export interface ContentionOrder {
  readonly programFd: number;
  readonly frame: Uint8Array;
  readonly repeat: number;
  /** Whether each packet goes up the network stack afterwards, to be dropped there: as in a recording. */
  readonly withStack: boolean;
  /** Word 0: threads that are ready. Word 1: 1 when all may start. */
  readonly gate: Int32Array<SharedArrayBuffer>;
}

/** Nanoseconds per run. */
const port = workerPort<ContentionOrder, number>();

port.onmessage = (event) => {
  const { programFd, frame, repeat, withStack, gate } = event.data;
  // The first run opens libbpf.
  testRunXdp(programFd, frame, 1);
  Atomics.add(gate, 0, 1);
  Atomics.wait(gate, 1, 0);
  port.postMessage(withStack ? live() : testRunXdp(programFd, frame, repeat).durationNs);
  port.close();

  function live(): number {
    return inPrivateNetwork(() => {
      const start = performance.now();
      sendXdpLive(programFd, frame, repeat);
      return (performance.now() - start) * 1e6 / repeat;
    });
  }
};
