/** Reading maps that no test can fill: a kernel of the test's own, no privilege. */
import assert from "node:assert/strict";
import { type SenderTotal, takeSenders } from "../../../ffi/bpf/map_access.ts";
import { libbpf } from "../../../ffi/bpf/load_libbpf.ts";
import { libc } from "../../../ffi/linux/load_libc.ts";
import { replaceNative } from "../../support/native_stand_ins.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();
libbpf();

const ENOENT = 2;
const EIO = 5;
const ENOSPC = 28;
const CPUS = 2;
const KEY_BYTES = 16;
const MAP_FD = 1_000_000;

/** What one sender has sent, on each CPU. */
type Entry = readonly (readonly [packets: bigint, bytes: bigint])[];

type Batch = [
  fd: number,
  from: Uint8Array | null,
  cursor: Uint8Array,
  keys: Uint8Array,
  values: Uint8Array,
  count: Uint32Array,
];

/** Answers with the given batches of entries; a number is the error of that call. */
function answerBatches(
  batches: readonly (readonly Entry[] | number)[],
): Disposable & { readonly room: number[] } {
  const room: number[] = [];
  let call = 0;
  let number = 0;
  const replaced = replaceNative(libbpf(), {
    libbpf_num_possible_cpus: () => CPUS,
    bpf_obj_get_info_by_fd: (_fd: number, info: Uint8Array) => {
      new Uint32Array(info.buffer).set([5, 1, KEY_BYTES, 16, 65_536]);
      return 0;
    },
    bpf_map_lookup_and_delete_batch: (...[, from, , keys, values, count]: Batch) => {
      assert.equal(from === null, number === 0, "where the batch starts");
      const batch = batches[call++]!;
      room.push(count[0]!);
      assert.ok(keys.length >= count[0]! * KEY_BYTES);
      assert.ok(values.length >= count[0]! * 16 * CPUS);
      if (typeof batch === "number") {
        count[0] = 0;
        return -batch;
      }
      const words = new BigUint64Array(values.buffer);
      batch.forEach((entry, index) => {
        keys[index * KEY_BYTES] = ++number;
        words.set(entry.flat(), index * CPUS * 2);
      });
      count[0] = batch.length;
      return call === batches.length ? -ENOENT : 0;
    },
  });
  return { room, [Symbol.dispose]: () => replaced[Symbol.dispose]() };
}

/** Source number, packets, bytes. */
function rows(totals: readonly SenderTotal[]): number[][] {
  return totals.map(({ key, packets, bytes }) => [key[0]!, packets, bytes]);
}

/** An entry that one CPU has counted. */
function entry(bytes: number): Entry {
  return [[1n, BigInt(bytes)], [0n, 0n]];
}

Deno.test("takeSenders() adds counts beyond 32 bits of all CPUs", () => {
  using _batches = answerBatches([[
    [[0x1_0000_0003n, 0x5_8000_0000n], [2n, 0x2_8000_0001n]],
    [[1n, 0xffff_ffffn], [1n, 1n]],
  ]]);
  assert.deepEqual(rows(takeSenders(MAP_FD, 10)), [
    [1, 0x1_0000_0005, 0x8_0000_0001],
    [2, 2, 0x1_0000_0000],
  ]);
});

Deno.test("takeSenders() goes on with more room when a bucket is larger than a batch", () => {
  using batches = answerBatches([
    ENOSPC,
    [entry(100)],
    ENOSPC,
    ENOSPC,
    [entry(300), entry(200)],
  ]);
  assert.deepEqual(rows(takeSenders(MAP_FD, 10)), [[2, 1, 300], [3, 1, 200], [1, 1, 100]]);
  const [first] = batches.room;
  assert.deepEqual(batches.room, [1, 2, 2, 4, 8].map((factor) => factor * first!));
});

Deno.test("takeSenders() does not hide another failure of the kernel", () => {
  using _batches = answerBatches([[entry(1)], EIO]);
  assert.throws(() => takeSenders(MAP_FD, 10), { name: "SystemError", code: "EIO" });
});

const ORDERS = {
  ascending: (number: number) => number,
  descending: (number: number) => 1000 - number,
  mixed: (number: number) => number * 37 % 1000,
};

for (const [order, size] of Object.entries(ORDERS)) {
  for (const limit of [1, 2, 7, 10, 999, 2000]) {
    Deno.test(`takeSenders() gives the ${limit} busiest of 1000 that come in ${order} order`, () => {
      const sizes = Array.from({ length: 1000 }, (_, number) => size(number));
      using _batches = answerBatches([
        sizes.slice(0, 250).map(entry),
        [],
        sizes.slice(250).map(entry),
      ]);
      const busiest = sizes.toSorted((one, other) => other - one).slice(0, limit);
      assert.deepEqual(takeSenders(MAP_FD, limit).map(({ bytes }) => bytes), busiest);
    });
  }
}
