import assert from "node:assert/strict";
import { libc } from "../../../ffi/load_library.ts";
import { pageBytes, RingMemory } from "../../../ffi/ring_memory.ts";
import { openDescriptors } from "../../support/open_descriptors.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();

const PAGE = pageBytes();
const SIZE = 2 * PAGE;

/**
 * A plain file with the layout of a ring, which needs no privilege: consumer page, producer page,
 * data. The two copies of the data are separate here.
 */
class RingFile implements Disposable {
  readonly path = Deno.makeTempFileSync({ prefix: "ring-" });
  readonly #file = Deno.openSync(this.path, { read: true, write: true });
  readonly fd: number;

  constructor(bytes = 2 * PAGE + 2 * SIZE) {
    this.#file.truncateSync(bytes);
    this.fd = fdOf(this.path);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    this.#file.writeSync(bytes);
  }

  read(offset: number, count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    this.#file.readSync(bytes);
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#file.close();
    Deno.removeSync(this.path);
  }
}

/** Deno does not tell the number that the kernel knows an open file by. */
function fdOf(path: string): number {
  const found = openDescriptors(/^\//).find(({ target }) => target === path);
  if (found === undefined) throw new Error(`Cannot find the fd of "${path}"`);
  return found.fd;
}

function littleEndian64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

function mappingsOf(path: string): number {
  return Deno.readTextFileSync("/proc/self/maps").split("\n").filter((line) => line.endsWith(path))
    .length;
}

Deno.test("RingMemory.producerPosition() reads the page behind the consumer's", () => {
  using file = new RingFile();
  using ring = RingMemory.map(file.fd, SIZE);
  assert.equal(ring.producerPosition(), 0);
  file.write(PAGE, littleEndian64(0x1_2345_6789n));
  assert.equal(ring.producerPosition(), 0x1_2345_6789);
});

Deno.test("RingMemory.producerPosition() is exact up to 2^53 - 1 and refuses more", () => {
  using file = new RingFile();
  using ring = RingMemory.map(file.fd, SIZE);
  file.write(PAGE, littleEndian64(2n ** 53n - 1n));
  assert.equal(ring.producerPosition(), Number.MAX_SAFE_INTEGER);
  file.write(PAGE, littleEndian64(2n ** 53n));
  assert.throws(() => ring.producerPosition(), { name: "RangeError" });
});

Deno.test("RingMemory.commitConsumer() writes the first page", () => {
  using file = new RingFile();
  using ring = RingMemory.map(file.fd, SIZE);
  ring.commitConsumer(0x5_0000_0008);
  assert.equal(ring.consumerPosition(), 0x5_0000_0008);
  assert.deepEqual(file.read(0, 8), littleEndian64(0x5_0000_0008n));
});

Deno.test("RingMemory.data shows both copies of the data without copying", () => {
  using file = new RingFile();
  using ring = RingMemory.map(file.fd, SIZE);
  const bytes = new Uint8Array(ring.data);
  assert.equal(bytes.length, 2 * SIZE);
  assert.equal(bytes[0], 0);
  file.write(2 * PAGE, Uint8Array.of(11));
  file.write(2 * PAGE + 2 * SIZE - 1, Uint8Array.of(22));
  assert.equal(bytes[0], 11);
  assert.equal(bytes[2 * SIZE - 1], 22);
});

Deno.test("RingMemory detaches its memory and unmaps it when it is closed", () => {
  using file = new RingFile();
  const ring = RingMemory.map(file.fd, SIZE);
  const bytes = new Uint8Array(ring.data);
  assert.equal(mappingsOf(file.path), 2);
  ring[Symbol.dispose]();
  assert.equal(bytes.length, 0);
  assert.equal(mappingsOf(file.path), 0);
});

Deno.test("RingMemory may be closed twice and throws when it is used after that", () => {
  using file = new RingFile();
  const ring = RingMemory.map(file.fd, SIZE);
  ring[Symbol.dispose]();
  ring[Symbol.dispose]();
  const closed = { name: "TypeError", message: "Cannot use RingMemory: it is closed" };
  assert.throws(() => ring.data, closed);
  assert.throws(() => ring.producerPosition(), closed);
  assert.throws(() => ring.consumerPosition(), closed);
  assert.throws(() => ring.commitConsumer(0), closed);
});

Deno.test("RingMemory.map() throws for an fd that is not open", () => {
  assert.throws(() => RingMemory.map(1_000_000, SIZE), { name: "SystemError", code: "EBADF" });
});

Deno.test("RingMemory.map() gives the first mapping back when the second fails", () => {
  using file = new RingFile();
  // Longer than any address space: the consumer page can be mapped, the data cannot.
  assert.throws(() => RingMemory.map(file.fd, 2 ** 50), { name: "SystemError", code: "ENOMEM" });
  assert.equal(mappingsOf(file.path), 0);
});
