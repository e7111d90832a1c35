/**
 * A ring in plain memory, laid out as the programs use it, for tests without a kernel.
 *
 * @module
 */
import {
  RECORD_BYTES,
  RECORD_OFFSET,
  SLOT_BYTES,
  SLOT_OFFSET,
} from "../../src/contract/record_layout.ts";

/** Values of a record's fields by name; what is not named is 0. */
export type RecordFields =
  & Partial<
    Record<Exclude<keyof typeof RECORD_OFFSET, AddressField | "timestamp_ns">, number>
  >
  & { timestamp_ns?: bigint }
  & Partial<Record<AddressField, readonly number[]>>;

type AddressField = "source_address" | "destination_address" | "source_mac" | "destination_mac";

const U32 = ["packet_length", "payload_length", "tcp_sequence", "tcp_acknowledgment"];
const U16 = [
  "ethertype",
  "vlan_id",
  "source_port",
  "destination_port",
  "tcp_window",
  "segments",
  "present",
];

/** The bytes of one record. */
export function recordBytes(fields: RecordFields): Uint8Array {
  const bytes = new Uint8Array(RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [name, value] of Object.entries(fields)) {
    const offset = RECORD_OFFSET[name as keyof typeof RECORD_OFFSET];
    if (typeof value === "bigint") view.setBigUint64(offset, value, true);
    else if (typeof value === "object") bytes.set(value, offset);
    else if (U32.includes(name)) view.setUint32(offset, value, true);
    else if (U16.includes(name)) view.setUint16(offset, value, true);
    else view.setUint8(offset, value);
  }
  return bytes;
}

/** A producer that writes as `bpf/ring.h` does, and the positions a consumer needs. */
export class RingImage {
  /** The slots. */
  readonly data: ArrayBuffer;
  readonly slots: number;
  readonly rings = 1;
  producer: number;
  consumer: number;
  readonly #firstSlot: number;

  /**
   * @param slots a power of two
   * @param start position at which producer and consumer begin
   * @param data memory of several rings
   * @param ring which of them this is
   */
  constructor(slots: number, start = 0, data = new ArrayBuffer(slots * SLOT_BYTES), ring = 0) {
    this.slots = slots;
    this.data = data;
    this.#firstSlot = ring * slots;
    this.producer = start;
    this.consumer = start;
  }

  producerPosition = (_ring: number): number => this.producer;
  consumerPosition = (_ring: number): number => this.consumer;
  commitConsumer = (_ring: number, position: number): void => void (this.consumer = position);

  /** Claims a slot and writes a record into it; returns its position. */
  push(bytes: Uint8Array, state: "complete" | "busy" | "discarded" = "complete"): number {
    const position = this.producer++;
    const { slot, view } = this.#slot(position);
    view.setUint32(SLOT_OFFSET.discarded, state === "discarded" ? 1 : 0, true);
    new Uint8Array(this.data).set(bytes, slot + SLOT_OFFSET.event);
    if (state !== "busy") this.complete(position);
    return position;
  }

  /** Says that the record at `position` is complete. */
  complete(position: number): void {
    this.#slot(position).view.setUint32(SLOT_OFFSET.ready, (position + 1) % 2 ** 32, true);
  }

  #slot(position: number): { slot: number; view: DataView } {
    const slot = (this.#firstSlot + position % this.slots) * SLOT_BYTES;
    return { slot, view: new DataView(this.data, slot, SLOT_BYTES) };
  }
}
