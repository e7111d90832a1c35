/**
 * The loop of the draining thread, in this thread: whoever it waits for is the test, its rings are files,
 * its clock goes by as long as it says it wants to sleep.
 */
import assert from "node:assert/strict";
import { ownThread } from "../../../ffi/linux/thread_calls.ts";
import { EventFd } from "../../../ffi/linux/event_fd.ts";
import { libbpf } from "../../../ffi/bpf/load_libbpf.ts";
import { libc } from "../../../ffi/linux/load_libc.ts";
import {
  BatchConsumer,
  type BatchQueueMemory,
  createQueueMemory,
} from "../../../src/batch/batch_queue.ts";
import { clockMemory } from "../../../src/drain/capture_clock.ts";
import {
  CONTROL,
  CONTROL_BYTES,
  type DrainMessage,
  type DrainStart,
} from "../../../src/drain/drain_protocol.ts";
import { POSITION_OFFSET, SLOT_BYTES, SLOT_OFFSET } from "../../../src/contract/record_layout.ts";
import { limitEndlessWaits } from "../../support/endless_wait.ts";
import { replaceNative } from "../../support/native_stand_ins.ts";
import { RingFiles } from "../../support/ring_files.ts";
import { recordBytes } from "../../support/ring_image.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();
libbpf();
limitEndlessWaits(0);

/** Number that stands for the map which says whether the writer is behind. */
const WRITER_BEHIND_FD = 1_000_001;

/** So often no test lets the thread sleep: then it never ends by itself. */
const MAX_SLEEPS = 1000;

const port = globalThis as unknown as {
  onmessage: (event: { data: DrainStart }) => void;
  postMessage?: (message: DrainMessage) => void;
  close: () => void;
};
await import("../../../src/drain/drain_worker.ts");

/** The surroundings of one draining thread. */
class Rig implements Disposable {
  readonly #files = new RingFiles(1, 64);
  readonly #event = EventFd.create();
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL_BYTES));
  readonly #queue: BatchQueueMemory;
  readonly #consumer: BatchConsumer;
  #pushed = 0;
  /** Memory of the time of the recording. */
  readonly clock = clockMemory();
  /** Milliseconds that the thread has slept. */
  now = 0;
  /** What it has posted. */
  readonly messages: DrainMessage[] = [];

  constructor(depth: number) {
    this.#queue = createQueueMemory(depth);
    this.#consumer = new BatchConsumer(this.#queue);
  }

  /** Writes a record into the ring, without ringing the doorbell. */
  push(): void {
    const position = this.#pushed++;
    const slot = new Uint8Array(SLOT_BYTES);
    slot.set(recordBytes({ packet_length: position }), SLOT_OFFSET.event);
    new DataView(slot.buffer).setUint32(SLOT_OFFSET.ready, position + 1, true);
    this.#files.slots.write(position * SLOT_BYTES, slot);
    const producer = new Uint8Array(new BigUint64Array([BigInt(this.#pushed)]).buffer);
    this.#files.positions.write(POSITION_OFFSET.producer, producer);
  }

  /** Asks for what a control word stands for. */
  ask(word: keyof typeof CONTROL): void {
    Atomics.add(this.#control, CONTROL[word], 1);
    this.#event.signal();
  }

  /** Whether the signal of the last {@linkcode ask} is still there: eventfd(2), proc_pid_fdinfo(5). */
  get isSignalled(): boolean {
    const info = Deno.readTextFileSync(`/proc/self/fdinfo/${this.#event.fd}`);
    return !/^eventfd-count:\s*0$/m.test(info);
  }

  /** Rows of the next batch, which is given back; undefined if there is none. */
  take(): number | undefined {
    let rows: number | undefined;
    try {
      rows = this.#consumer.next()?.rows;
    } catch {
      return undefined;
    }
    this.#consumer.release();
    return rows;
  }

  /**
   * Runs the thread to its end.
   *
   * @param onSleep called whenever it goes to sleep, with how often it has
   * @param onStopWord called before it reads whether to stop, with how often it has
   * @param onTime called when it asks for the time, behind what it has drained, with how often it has
   */
  run(
    onSleep: (sleeps: number) => void,
    onStopWord: (reads: number) => void = () => {},
    onTime: (reads: number) => void = () => {},
  ): void {
    const { epoll_ctl, epoll_wait } = libc();
    const { load } = Atomics;
    const { now } = performance;
    const { close } = port;
    const { doorbellFd } = this.#files.maps;
    const problems: unknown[] = [];
    let sleeps = 0;
    let reads = 0;
    let times = 0;
    using _libc = replaceNative(libc(), {
      // A file cannot be waited for. The doorbell never rings here.
      epoll_ctl: (...values: Parameters<typeof epoll_ctl>) =>
        values[2] === doorbellFd ? 0 : epoll_ctl(...values),
      epoll_wait: (...[epoll, events, most, timeoutMs]: Parameters<typeof epoll_wait>) => {
        try {
          assert.ok(++sleeps < MAX_SLEEPS, "it does not end");
          assert.ok(timeoutMs >= 0, "it would sleep for ever");
          onSleep(sleeps);
        } catch (error) {
          problems.push(error);
          throw error;
        }
        const count = epoll_wait(epoll, events, most, 0);
        if (count === 0) this.now += timeoutMs;
        return count;
      },
    });
    using _libbpf = replaceNative(libbpf(), {
      bpf_obj_get_info_by_fd: (_fd: number, info: Uint8Array) => {
        new DataView(info.buffer).setUint32(12, 4, true);
        return 0;
      },
      bpf_map_update_elem: () => 0,
    });
    try {
      performance.now = () => {
        onTime(++times);
        return this.now;
      };
      Atomics.load = ((array: Int32Array, index: number) => {
        if (array.buffer === this.#control.buffer && index === CONTROL.STOP) onStopWord(++reads);
        return load(array, index);
      }) as typeof load;
      port.postMessage = (message) => void this.messages.push(message);
      port.close = () => {};
      port.onmessage({
        data: {
          ring: this.#files.maps,
          writerBehindFd: WRITER_BEHIND_FD,
          controlFd: this.#event.fd,
          control: this.#control.buffer,
          clock: this.clock,
          queue: this.#queue,
          captureLimit: 0,
        },
      });
    } finally {
      performance.now = now;
      Atomics.load = load;
      delete port.postMessage;
      port.close = close;
    }
    if (problems.length > 0) throw problems[0];
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
    this.#event[Symbol.dispose]();
  }
}

function drained(records: number): DrainMessage[] {
  return [{ type: "ready", thread: ownThread() }, { type: "drained", records }];
}

Deno.test("drainUntilStopped() hands rows on within about a second when nothing else comes", () => {
  using rig = new Rig(4);
  let takenAt: number | undefined;
  rig.run((sleeps) => {
    if (sleeps === 1) { for (let i = 0; i < 3; i++) rig.push(); }
    if (takenAt !== undefined || rig.take() === undefined) return;
    takenAt = rig.now;
    rig.ask("STOP");
  });
  assert.deepEqual(rig.messages, drained(3));
  // Ten looks a second, and a batch that is one second old.
  assert.ok(takenAt !== undefined && takenAt <= 1200, `after ${takenAt} ms`);
});

Deno.test("drainUntilStopped() hands on everything, and ends, when it is asked to stop", () => {
  using rig = new Rig(4);
  rig.run((sleeps) => {
    if (sleeps !== 2) return;
    for (let i = 0; i < 5; i++) rig.push();
    rig.ask("STOP");
  });
  assert.deepEqual(rig.messages, drained(5));
  assert.equal(rig.take(), 5);
});

Deno.test("drainUntilStopped() takes what comes until the moment in which it sees the stop", () => {
  using rig = new Rig(4);
  rig.run(() => {}, (reads) => {
    if (reads !== 3) return;
    rig.push();
    rig.ask("STOP");
  });
  assert.deepEqual(rig.messages, drained(1));
});

Deno.test("drainUntilStopped() puts what came before a cut was asked for before its mark", () => {
  using rig = new Rig(4);
  rig.run(
    (sleeps) => {
      if (sleeps === 3) rig.ask("STOP");
    },
    () => {},
    (times) => {
      // The first is that of the start.
      if (times !== 2) return;
      rig.push();
      rig.ask("CUT");
    },
  );
  assert.deepEqual(rig.messages, drained(1));
  assert.deepEqual([rig.take(), rig.take()], [1, 0]);
});

Deno.test("drainUntilStopped() goes back to sleep after a signal", () => {
  using rig = new Rig(4);
  rig.run((sleeps) => {
    if (sleeps === 1) rig.ask("CUT");
    if (sleeps !== 2) return;
    assert.equal(rig.isSignalled, false);
    rig.ask("STOP");
  });
  assert.deepEqual(rig.messages, drained(0));
  assert.equal(rig.take(), 0); // the mark
});

Deno.test("drainUntilStopped() puts the mark of a cut into the queue as soon as there is room", () => {
  using rig = new Rig(1);
  const taken: (number | undefined)[] = [];
  rig.run((sleeps) => {
    if (sleeps === 1) {
      for (let i = 0; i < 3; i++) rig.push();
      rig.ask("CUT");
    }
    // At 2 the rows fill the queue, so that there is no room for the mark.
    if (sleeps >= 4) taken.push(rig.take());
    if (sleeps === 8) rig.ask("STOP");
  });
  assert.deepEqual(rig.messages, drained(3));
  // Once, behind the rows.
  assert.deepEqual(taken, [3, 0, undefined, undefined, undefined]);
});
