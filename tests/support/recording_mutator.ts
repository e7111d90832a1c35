/**
 * Recordings that were damaged, or made to do harm: one seed, one file.
 *
 * @module
 */
import type { ThriftStruct, ThriftValue } from "../../src/parquet/thrift_compact.ts";
import { withFooter } from "./footer_edit.ts";
import { Prng } from "./prng.ts";

type Mutation = (file: Uint8Array, prng: Prng) => Uint8Array;

const TAIL_BYTES = 8;
/** Numbers at which arithmetic goes wrong. */
const EDGES = [0n, 1n, -1n, 4n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n - 1n];

const MUTATIONS: readonly Mutation[] = [
  flipBytes((file) => [4, file.length - TAIL_BYTES - footerBytes(file)]),
  flipBytes((file) => [file.length - TAIL_BYTES - footerBytes(file), file.length - TAIL_BYTES]),
  flipBytes((file) => [0, file.length]),
  overwrite,
  cut,
  editNumbers,
  editNumbers,
  repeatGroups,
];

/** The file with one or two mutations. Those that need a whole footer are left out without one. */
export function mutateRecording(file: Uint8Array, seed: number): Uint8Array {
  const prng = new Prng(seed);
  let mutated = file.slice();
  for (let left = 1 + prng.below(2); left > 0; left--) {
    const mutation = MUTATIONS[prng.below(MUTATIONS.length)]!;
    try {
      mutated = mutation(mutated, prng).slice();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
  }
  return mutated;
}

function footerBytes(file: Uint8Array): number {
  return new DataView(file.buffer).getUint32(file.length - TAIL_BYTES, true);
}

function flipBytes(range: (file: Uint8Array) => [number, number]): Mutation {
  return (file, prng) => {
    const [start, end] = range(file);
    for (let left = 1 + prng.below(8); left > 0; left--) {
      file[start + prng.below(end - start)] = prng.below(256);
    }
    return file;
  };
}

function overwrite(file: Uint8Array, prng: Prng): Uint8Array {
  const start = prng.below(file.length);
  return file.fill(prng.below(2) === 0 ? 0xff : 0, start, start + prng.below(64));
}

/** Takes a piece out of the middle; both ends stay. */
function cut(file: Uint8Array, prng: Prng): Uint8Array {
  const start = prng.below(file.length - TAIL_BYTES);
  const end = Math.min(start + prng.below(200), file.length - TAIL_BYTES);
  const shorter = new Uint8Array(file.length - (end - start));
  shorter.set(file.subarray(0, start));
  shorter.set(file.subarray(end), start);
  return shorter;
}

/** Puts another number in the place of one in twenty in the descriptions of the row groups. */
function editNumbers(file: Uint8Array, prng: Prng): Uint8Array {
  const edit = (value: ThriftValue): ThriftValue => {
    if (typeof value === "bigint" && prng.below(20) === 0) {
      return prng.below(2) === 0
        ? EDGES[prng.below(EDGES.length)]!
        : value + BigInt(prng.below(9)) - 4n;
    }
    if (value instanceof Uint8Array || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(edit);
    const fields = Object.entries(value) as [keyof ThriftStruct, ThriftValue | undefined][];
    return Object.fromEntries(
      fields.map(([name, field]) => [name, field === undefined ? field : edit(field)]),
    );
  };
  return withFooter(file, (footer) => {
    footer.rowGroups = footer.rowGroups.map((group) => edit(group) as ThriftStruct);
    if (prng.below(4) === 0) footer.rows = EDGES[prng.below(EDGES.length)]!;
  });
}

function repeatGroups(file: Uint8Array, prng: Prng): Uint8Array {
  return withFooter(file, (footer) => {
    const times = 2 + prng.below(50);
    footer.rowGroups = Array.from({ length: times }, () => footer.rowGroups).flat();
    footer.rows *= BigInt(times);
  });
}
