/**
 * The committed BPF object under test: one loaded program, its ring and its counters.
 *
 * @module
 */
import { join } from "node:path";

import { BpfObject, readCounters, RingMemory } from "../../ffi/mod.ts";
import {
  CONFIG_BYTES,
  CONFIG_OFFSET,
  COUNTER_INDEX,
  COUNTERS_BYTES,
} from "../../src/event/layout.ts";

export type ProgramName = "inspect_xdp" | "inspect_tc_ingress" | "inspect_tc_egress";
export type CounterName = keyof typeof COUNTER_INDEX;

/** Why tests of this kind are left out without root; the test runner lists them. */
export const NEEDS_ROOT = Deno.uid() !== 0;

/** Header of a ring record: `struct bpf_ringbuf_hdr` of `kernel/bpf/ringbuf.c`. */
const RING_HEADER_BYTES = 8;
const BUSY_BIT = 0x8000_0000;
const DISCARD_BIT = 0x4000_0000;

/** The slot that records carry unless a test asks for another; not 0, so that a copy of it shows. */
export const TEST_SLOT = 0x5d;

export interface InspectorOptions {
  readonly captureLimit?: number;
  /** Default: so many that no test wakes anything. */
  readonly wakeupInterval?: number;
  /** Default: every packet is kept. */
  readonly sampleRate?: number;
  readonly slot?: number;
  readonly sourceStatistics?: boolean;
  readonly ringBytes?: number;
  /** Use the maps that attachments share of this one. */
  readonly shareWith?: BpfInspector;
}

/** The bytes of `bpf/inspector.bpf.o`. */
export function readObject(): Uint8Array {
  return Deno.readFileSync(join(import.meta.dirname!, "../../bpf/inspector.bpf.o"));
}

/** `struct inspector_config` as user space writes it. */
export function configBytes(options: InspectorOptions): Uint8Array {
  const bytes = new Uint8Array(CONFIG_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(CONFIG_OFFSET.capture_limit, BigInt(options.captureLimit ?? 0), true);
  view.setUint32(CONFIG_OFFSET.wakeup_interval, options.wakeupInterval ?? 1 << 30, true);
  view.setUint32(CONFIG_OFFSET.sample_rate, options.sampleRate ?? 0, true);
  view.setUint8(CONFIG_OFFSET.slot, options.slot ?? TEST_SLOT);
  view.setUint8(CONFIG_OFFSET.source_statistics, options.sourceStatistics ? 1 : 0);
  return bytes;
}

/** Owner of a loaded program with everything a test asks it. Needs root. */
export class BpfInspector implements Disposable {
  readonly program: ProgramName;
  readonly #object: BpfObject;
  readonly #ring: RingMemory;

  constructor(program: ProgramName, options: InspectorOptions = {}) {
    const shared = options.shareWith;
    const ringBytes = shared?.ringBytes ?? options.ringBytes ?? 1 << 20;
    this.program = program;
    this.#object = BpfObject.load(readObject(), {
      program,
      config: configBytes(options),
      maxEntries: {
        ...(shared ? {} : { ring: ringBytes }),
        ...(options.sourceStatistics || shared ? {} : { sources: 1 }),
      },
      shareMaps: shared === undefined ? {} : {
        ring: shared.mapFd("ring"),
        captured_total: shared.mapFd("captured_total"),
        sources: shared.mapFd("sources"),
        writer_behind: shared.mapFd("writer_behind"),
      },
    });
    this.#ring = RingMemory.map(this.#object.mapFd("ring"), ringBytes);
  }

  get programFd(): number {
    return this.#object.programFd;
  }

  get ringBytes(): number {
    return this.#ring.sizeBytes;
  }

  mapFd(name: string): number {
    return this.#object.mapFd(name);
  }

  counters(): Record<CounterName, number> {
    const values = readCounters(this.#object.mapFd("counters"), COUNTERS_BYTES);
    const names = Object.keys(COUNTER_INDEX) as CounterName[];
    return Object.fromEntries(
      names.map((name) => [name, Number(values[COUNTER_INDEX[name]])]),
    ) as Record<CounterName, number>;
  }

  /** Takes all finished records out of the ring, as copies. */
  drain(): Uint8Array[] {
    const records: Uint8Array[] = [];
    this.#take((start, end) => records.push(new Uint8Array(this.#ring.data.slice(start, end))));
    return records;
  }

  /** Takes all finished records out of the ring and tells how many they were. */
  drainCount(): number {
    let records = 0;
    this.#take(() => records++);
    return records;
  }

  /** Discarded records are passed over. */
  #take(record: (start: number, end: number) => void): void {
    const data = new DataView(this.#ring.data);
    const producer = this.#ring.producerPosition();
    let position = this.#ring.consumerPosition();
    while (position < producer) {
      const offset = position % this.#ring.sizeBytes;
      const header = data.getUint32(offset, true);
      if (header & BUSY_BIT) break;
      const length = header & ~DISCARD_BIT;
      const start = offset + RING_HEADER_BYTES;
      if ((header & DISCARD_BIT) === 0) record(start, start + length);
      position += (RING_HEADER_BYTES + length + 7) & ~7;
    }
    this.#ring.commitConsumer(position);
  }

  [Symbol.dispose](): void {
    this.#ring[Symbol.dispose]();
    this.#object[Symbol.dispose]();
  }
}
