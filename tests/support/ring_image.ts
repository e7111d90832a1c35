/**
 * A ring in plain memory, laid out as the kernel maps it, for tests without a kernel.
 *
 * @module
 */
import { RECORD_BYTES, RECORD_OFFSET } from "../../src/event/layout.ts";

const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;

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

/** A producer that writes as kernel/bpf/ringbuf.c does, and the positions a consumer needs. */
export class RingImage {
  /** The data area, twice in a row. */
  readonly data: ArrayBuffer;
  readonly sizeBytes: number;
  producer: number;
  consumer: number;

  /** @param start position at which producer and consumer begin, a multiple of 8 */
  constructor(sizeBytes: number, start = 0) {
    this.sizeBytes = sizeBytes;
    this.data = new ArrayBuffer(2 * sizeBytes);
    this.producer = start;
    this.consumer = start;
  }

  producerPosition = (): number => this.producer;
  consumerPosition = (): number => this.consumer;
  commitConsumer = (position: number): void => void (this.consumer = position);

  /** Reserves and writes a record; returns its position. */
  push(bytes: Uint8Array, state: "committed" | "busy" | "discarded" = "committed"): number {
    const position = this.producer;
    const flag = state === "busy" ? BUSY : state === "discarded" ? DISCARDED : 0;
    const header = new Uint8Array(8);
    new DataView(header.buffer).setUint32(0, (bytes.length | flag) >>> 0, true);
    this.#write(position, header);
    this.#write(position + 8, bytes);
    this.producer += (8 + bytes.length + 7) & ~7;
    return position;
  }

  /** Marks a busy record as committed. */
  commit(position: number, length: number): void {
    const header = new Uint8Array(8);
    new DataView(header.buffer).setUint32(0, length, true);
    this.#write(position, header);
  }

  #write(position: number, bytes: Uint8Array): void {
    const octets = new Uint8Array(this.data);
    bytes.forEach((byte, i) => {
      const offset = (position + i) % this.sizeBytes;
      octets[offset] = byte;
      octets[offset + this.sizeBytes] = byte;
    });
  }
}
