import assert from "node:assert/strict";
import { libc } from "../../../ffi/linux/load_libc.ts";
import { pageBytes, RingMemory } from "../../../ffi/bpf/ring_memory.ts";
import {
  POSITION_OFFSET,
  POSITIONS_BYTES,
  SLOT_BYTES,
} from "../../../src/contract/record_layout.ts";
import { RingFiles } from "../../support/ring_files.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();

const PAGE = pageBytes();
const RINGS = 2;
const SLOTS = 64;

function littleEndian64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

Deno.test("RingMemory.producerPosition() reads the programs' position", () => {
  using files = new RingFiles(RINGS, SLOTS);
  using ring = RingMemory.map(files.maps);
  assert.equal(ring.producerPosition(1), 0);
  files.positions.write(POSITIONS_BYTES + POSITION_OFFSET.producer, littleEndian64(0x1_2345_6789n));
  assert.equal(ring.producerPosition(1), 0x1_2345_6789);
  assert.equal(ring.consumerPosition(1), 0);
});

Deno.test("RingMemory.producerPosition() is exact up to 2^53 - 1 and refuses more", () => {
  using files = new RingFiles(RINGS, SLOTS);
  using ring = RingMemory.map(files.maps);
  files.positions.write(POSITIONS_BYTES + POSITION_OFFSET.producer, littleEndian64(2n ** 53n - 1n));
  assert.equal(ring.producerPosition(1), Number.MAX_SAFE_INTEGER);
  files.positions.write(POSITIONS_BYTES + POSITION_OFFSET.producer, littleEndian64(2n ** 53n));
  assert.throws(() => ring.producerPosition(1), { name: "RangeError" });
});

Deno.test("RingMemory.commitConsumer() writes the reader's position", () => {
  using files = new RingFiles(RINGS, SLOTS);
  using ring = RingMemory.map(files.maps);
  ring.commitConsumer(1, 0x5_0000_0008);
  assert.equal(ring.consumerPosition(1), 0x5_0000_0008);
  assert.deepEqual(
    files.positions.read(POSITIONS_BYTES + POSITION_OFFSET.consumer, 8),
    littleEndian64(0x5_0000_0008n),
  );
  assert.equal(ring.producerPosition(1), 0);
});

Deno.test("RingMemory.answerDoorbell() takes all that the programs have put into it", () => {
  using files = new RingFiles(RINGS, SLOTS);
  using ring = RingMemory.map(files.maps);
  files.doorbell.write(PAGE, littleEndian64(0x1_0000_0030n));
  ring.answerDoorbell();
  assert.deepEqual(files.doorbell.read(0, 8), littleEndian64(0x1_0000_0030n));
});

Deno.test("RingMemory.data shows the slots without copying", () => {
  using files = new RingFiles(RINGS, SLOTS);
  using ring = RingMemory.map(files.maps);
  const bytes = new Uint8Array(ring.data);
  assert.equal(bytes.length, RINGS * SLOTS * SLOT_BYTES);
  assert.equal(bytes[0], 0);
  files.slots.write(0, Uint8Array.of(11));
  files.slots.write(RINGS * SLOTS * SLOT_BYTES - 1, Uint8Array.of(22));
  assert.equal(bytes[0], 11);
  assert.equal(bytes.at(-1), 22);
});

Deno.test("RingMemory detaches its memory and unmaps it when it is closed", () => {
  using files = new RingFiles(RINGS, SLOTS);
  const ring = RingMemory.map(files.maps);
  const bytes = new Uint8Array(ring.data);
  assert.deepEqual(files.mappings, [1, 1, 2]);
  ring[Symbol.dispose]();
  assert.equal(bytes.length, 0);
  assert.deepEqual(files.mappings, [0, 0, 0]);
});

Deno.test("RingMemory leaves no view of memory that is no longer mapped", () => {
  using files = new RingFiles(RINGS, SLOTS);
  const { getArrayBuffer } = Deno.UnsafePointerView;
  const buffers: ArrayBuffer[] = [];
  try {
    Deno.UnsafePointerView.getArrayBuffer = (...values) => {
      const buffer = getArrayBuffer(...values);
      buffers.push(buffer);
      return buffer;
    };
    RingMemory.map(files.maps)[Symbol.dispose]();
  } finally {
    Deno.UnsafePointerView.getArrayBuffer = getArrayBuffer;
  }
  // The slots, the positions, and both positions of the doorbell.
  assert.deepEqual(buffers.map(({ detached }) => detached), [true, true, true, true]);
});

Deno.test("RingMemory may be closed twice and throws when it is used after that", () => {
  using files = new RingFiles(RINGS, SLOTS);
  const ring = RingMemory.map(files.maps);
  ring[Symbol.dispose]();
  ring[Symbol.dispose]();
  const closed = { name: "TypeError", message: "Cannot use RingMemory: it is closed" };
  assert.throws(() => ring.data, closed);
  assert.throws(() => ring.producerPosition(1), closed);
  assert.throws(() => ring.consumerPosition(1), closed);
  assert.throws(() => ring.commitConsumer(1, 0), closed);
  assert.throws(() => ring.answerDoorbell(), closed);
});

Deno.test("RingMemory.map() throws for an fd that is not open, and gives back what it has mapped", () => {
  using files = new RingFiles(RINGS, SLOTS);
  const notOpen = { name: "SystemError", code: "EBADF" };
  assert.throws(() => RingMemory.map({ ...files.maps, slotsFd: 1_000_000 }), notOpen);
  assert.throws(() => RingMemory.map({ ...files.maps, doorbellFd: 1_000_000 }), notOpen);
  assert.deepEqual(files.mappings, [0, 0, 0]);
});
