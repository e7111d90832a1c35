/**
 * A filter in the kernel: which frames it selects.
 *
 * @module
 */
import { RingMemory, TestRunner } from "../../ffi/mod.ts";
import { filterCode } from "../../src/filter/ebpf/generate.ts";
import type { Place } from "../../src/filter/ebpf/place.ts";
import { parseFilter } from "../../src/filter/parser.ts";
import { BpfInspector, type ProgramName } from "./bpf_inspector.ts";

const LONGEST_FRAME = 16 * 1024;

/** Owner of a program with a filter in it. Needs root. */
export class FilterRunner implements Disposable {
  readonly #inspector: BpfInspector;
  readonly #ring: RingMemory;
  readonly #runner: TestRunner;
  #position = 0;

  constructor(program: ProgramName, text: string, place: Place, bare = false) {
    const filter = filterCode(parseFilter(text), place);
    this.#inspector = new BpfInspector(program, { filter, bare });
    this.#ring = RingMemory.map(this.#inspector.ring);
    this.#runner = new TestRunner(this.#inspector.programFd, LONGEST_FRAME);
  }

  /** Whether a record is made of the frame. */
  selects(frame: Uint8Array): boolean {
    this.#runner.frame.set(frame);
    this.#runner.run(frame.length);
    const produced = this.#ring.producerPosition(0) - this.#position;
    this.#position += produced;
    this.#ring.commitConsumer(0, this.#position);
    return produced === 1;
  }

  counters(): ReturnType<BpfInspector["counters"]> {
    return this.#inspector.counters();
  }

  [Symbol.dispose](): void {
    this.#ring[Symbol.dispose]();
    this.#inspector[Symbol.dispose]();
  }
}
