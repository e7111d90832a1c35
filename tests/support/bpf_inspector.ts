/**
 * The committed BPF object under test: one loaded program, its ring and its counters.
 *
 * @module
 */
import { join } from "node:path";

import {
  BpfObject,
  possibleProcessors,
  readCounters,
  type RingMaps,
  RingMemory,
} from "../../ffi/mod.ts";
import { type RingShape, ringShape } from "../../src/drain/ring_shape.ts";
import {
  CONFIG_BYTES,
  CONFIG_OFFSET,
  COUNTER_INDEX,
  COUNTERS_BYTES,
  RECORD_BYTES,
} from "../../src/contract/record_layout.ts";
import { RingWalk } from "../../src/drain/ring_walk.ts";
import { withFilter } from "../../src/filter/ebpf/patch_object.ts";

export type ProgramName = "inspect_xdp" | "inspect_tc_ingress" | "inspect_tc_egress";
export type CounterName = keyof typeof COUNTER_INDEX;

/** Why tests of this kind are left out without root; the test runner lists them. */
export const NEEDS_ROOT = Deno.uid() !== 0;

/** Records that are taken out of the ring at a time. */
const WALK_RECORDS = 4096;

/** The attachment that records carry unless a test asks for another; not 0, so that a copy of it shows. */
export const TEST_ATTACHMENT = 0x5d;

export interface InspectorOptions {
  readonly captureLimit?: number;
  /** Default: so many that no test wakes anything. */
  readonly wakeupInterval?: number;
  /** Default: every packet is kept. */
  readonly sampleRate?: number;
  readonly attachment?: number;
  readonly senderStatistics?: boolean;
  /** Packets have no Ethernet header; at TC only. */
  readonly bare?: boolean;
  /** Instructions of a filter. */
  readonly filter?: Uint8Array;
  readonly ringBytes?: number;
  /** Default: what fits into `ringBytes` on this machine. */
  readonly ringShape?: RingShape;
  /** Use the maps that attachments share of this one. */
  readonly shareWith?: BpfInspector;
}

/** The bytes of `bpf/inspector.bpf.o`. */
export function readObject(): Uint8Array {
  return Deno.readFileSync(join(import.meta.dirname!, "../../bpf/inspector.bpf.o"));
}

/** `struct inspector_config` as user space writes it. */
export function configBytes(options: InspectorOptions, ring: RingShape): Uint8Array {
  const bytes = new Uint8Array(CONFIG_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(CONFIG_OFFSET.capture_limit, BigInt(options.captureLimit ?? 0), true);
  view.setUint32(CONFIG_OFFSET.wakeup_interval, options.wakeupInterval ?? 1 << 30, true);
  view.setUint32(CONFIG_OFFSET.sample_rate, options.sampleRate ?? 0, true);
  view.setUint32(CONFIG_OFFSET.ring_slots, ring.slots, true);
  view.setUint32(CONFIG_OFFSET.ring_limit, ring.limit, true);
  view.setUint16(CONFIG_OFFSET.rings, ring.rings, true);
  view.setUint8(CONFIG_OFFSET.attachment, options.attachment ?? TEST_ATTACHMENT);
  view.setUint8(CONFIG_OFFSET.sender_statistics, options.senderStatistics ? 1 : 0);
  view.setUint8(CONFIG_OFFSET.filter, options.filter === undefined ? 0 : 1);
  view.setUint8(CONFIG_OFFSET.bare, options.bare ? 1 : 0);
  return bytes;
}

/** Owner of a loaded program with everything a test asks it. Needs root. */
export class BpfInspector implements Disposable {
  readonly program: ProgramName;
  /** What the ring holds. */
  readonly ringShape: RingShape;
  readonly #object: BpfObject;
  readonly #ring: RingMemory;
  readonly #walk: RingWalk;

  constructor(program: ProgramName, options: InspectorOptions = {}) {
    const shared = options.shareWith;
    this.program = program;
    this.ringShape = shared?.ringShape ?? options.ringShape ??
      ringShape(options.ringBytes ?? 1 << 20, possibleProcessors());
    const elf = readObject();
    const { filter } = options;
    this.#object = BpfObject.load(filter === undefined ? elf : withFilter(elf, filter), {
      program,
      config: configBytes(options, this.ringShape),
      maxEntries: {
        ...(shared ? {} : {
          ring: this.ringShape.rings * this.ringShape.slots,
          ring_positions: this.ringShape.rings,
        }),
        ...(options.senderStatistics || shared ? {} : { senders: 1 }),
      },
      shareMaps: shared === undefined ? {} : {
        ring: shared.mapFd("ring"),
        ring_positions: shared.mapFd("ring_positions"),
        doorbell: shared.mapFd("doorbell"),
        captured_total: shared.mapFd("captured_total"),
        senders: shared.mapFd("senders"),
        writer_behind: shared.mapFd("writer_behind"),
      },
    });
    this.#ring = RingMemory.map(this.ring);
    this.#walk = new RingWalk(this.#ring.data, this.ringShape.slots, WALK_RECORDS);
  }

  get programFd(): number {
    return this.#object.programFd;
  }

  get ring(): RingMaps {
    return {
      slotsFd: this.mapFd("ring"),
      positionsFd: this.mapFd("ring_positions"),
      doorbellFd: this.mapFd("doorbell"),
      rings: this.ringShape.rings,
      slots: this.ringShape.slots,
    };
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
    const { data } = this.#ring;
    this.#take((start) => records.push(new Uint8Array(data.slice(start, start + RECORD_BYTES))));
    return records;
  }

  /** Takes all finished records out of the ring and tells how many they were. */
  drainCount(): number {
    let records = 0;
    this.#take(() => records++);
    return records;
  }

  /** Ring by ring. Discarded records are passed over. */
  #take(record: (start: number) => void): void {
    for (let ring = 0; ring < this.ringShape.rings; ring++) {
      const producer = this.#ring.producerPosition(ring);
      for (let count = WALK_RECORDS; count === WALK_RECORDS;) {
        this.#walk.walk(ring, this.#ring.consumerPosition(ring), producer, WALK_RECORDS);
        ({ count } = this.#walk);
        this.#walk.offsets.subarray(0, count).forEach(record);
        this.#ring.commitConsumer(ring, this.#walk.position);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#ring[Symbol.dispose]();
    this.#object[Symbol.dispose]();
  }
}
