/**
 * What differs between two captures: for each host, conversation and server port, or for each key of
 * `top`, its rate and its share on either side.
 *
 * @module
 */
import { printedAddress } from "../contract/printed_text.ts";
import type { Row } from "../query/session.ts";
import { PORTS } from "./ports.ts";
import { type Choices, defaultChoices, tableOf, type TableReport } from "./report.ts";
import { SUMS_SQL } from "./report_parts.ts";
import { TOP } from "./top.ts";

/** The layout. Its rows are made by {@linkcode differences}, and its query is none. */
export const DIFFERENCE: TableReport = {
  kind: "table",
  name: "diff",
  help: "what changed between two captures",
  columns: [
    { name: "kind", kind: "text" },
    { name: "key", kind: "text" },
    { name: "change", kind: "text" },
    { name: "bits_per_second_a", kind: "bit_rate" },
    { name: "bits_per_second_b", kind: "bit_rate" },
    { name: "bits_per_second_change", kind: "bit_rate" },
    { name: "share_a", kind: "share" },
    { name: "share_b", kind: "share" },
    { name: "share_change", kind: "share" },
  ],
  defaultLimit: 10,
  keys: ["kind", "key"],
  sorts: ["bits_per_second_change"],
  sql: "",
  cells: [
    { heading: "Kind", column: "kind" },
    { heading: "Key", column: "key" },
    { heading: "Change", column: "change" },
    { heading: "Rate in A", column: "bits_per_second_a" },
    { heading: "Rate in B", column: "bits_per_second_b" },
    { heading: "Share in A", column: "share_a", leaveOut: "first" },
    { heading: "Share in B", column: "share_b", leaveOut: "first" },
  ],
};

/** Something that is compared. */
export interface Compared {
  /** What one of them is called: `host`. */
  readonly kind: string;
  /** Query of `key`, not NULL, and `total_bytes`, a row for each key, in the order of the keys' bytes. */
  readonly sql: string;
}

/** What is compared where nothing is asked for. */
export function usualComparisons(): Compared[] {
  const ports = tableOf(PORTS, defaultChoices(PORTS));
  return [
    comparedBy({ ...defaultChoices(TOP), by: { name: "host", argument: [] } }),
    compared(
      "conversation",
      `${printedAddress("one")} || ' - ' || ${printedAddress("other")}`,
      `
      SELECT least(source_ip, destination_ip) AS one, greatest(source_ip, destination_ip) AS other,
        ${SUMS_SQL}
      FROM packets
      WHERE source_ip IS NOT NULL
      GROUP BY ALL`,
    ),
    compared("server port", "coalesce(port::VARCHAR, '-') || '/' || protocol", ports.sql),
  ];
}

/** What `--by` asks for, in the words of `top`. */
export function comparedBy(choices: Choices): Compared {
  const { columns, keys, sql } = tableOf(TOP, choices);
  const parts = keys.map((name) => {
    const { kind } = columns.find((column) => column.name === name)!;
    const text = kind === "address" ? printedAddress(name) : `${name}::VARCHAR`;
    return `coalesce(${text}, '-')`;
  });
  return compared(choices.by!.name, parts.join(" || ' ' || "), sql);
}

function compared(kind: string, key: string, sql: string): Compared {
  return {
    kind,
    sql: `SELECT ${key} AS key, sum(total_bytes)::HUGEINT AS total_bytes FROM (${sql}) AS compared
      GROUP BY 1 HAVING key IS NOT NULL ORDER BY 1`,
  };
}

/** One side: what it has of each key, and what that is a part of. */
export interface Side {
  readonly rows: AsyncIterable<readonly Row[]>;
  /** Bytes of all packets. */
  readonly bytes: bigint;
  /** Recorded time; 0 only if there are no bytes. */
  readonly seconds: number;
}

/** How many keys there are, and on which side. */
export interface Counts {
  readonly kind: string;
  readonly fresh: number;
  readonly gone: number;
  readonly all: number;
}

const BITS = 8;

/**
 * Rates that differ by no larger part of the larger one are called the same: less than a table shows of
 * them, and two recordings of one traffic do not end in the same nanosecond.
 */
const MAX_SAME_CHANGE = 0.001;

/**
 * Compares the keys of both sides, which come in one order.
 *
 * @param limit rows that are kept, those that changed most; 0 = all
 * @returns rows of {@linkcode DIFFERENCE}, the largest change of rate first
 */
export async function differences(
  kind: string,
  [a, b]: readonly [Side, Side],
  limit: number,
): Promise<{ rows: Row[]; counts: Counts }> {
  const best = new Largest(limit);
  let [fresh, gone, all] = [0, 0, 0];
  for await (const { key, before, after } of merged(a.rows, b.rows)) {
    all++;
    if (before === null) fresh++;
    if (after === null) gone++;
    const [rateA, rateB] = [rateOf(before, a), rateOf(after, b)];
    const [shareA, shareB] = [shareOf(before, a), shareOf(after, b)];
    const change = before === null
      ? "new"
      : after === null
      ? "gone"
      : Math.abs(rateB - rateA) <= MAX_SAME_CHANGE * Math.max(rateA, rateB)
      ? "same"
      : rateB > rateA
      ? "more"
      : "less";
    best.add([kind, key, change, rateA, rateB, rateB - rateA, shareA, shareB, shareB - shareA]);
  }
  return { rows: best.rows(), counts: { kind, fresh, gone, all } };
}

function rateOf(bytes: bigint | null, { seconds }: Side): number {
  return bytes === null || bytes === 0n ? 0 : Number(bytes) * BITS / seconds;
}

function shareOf(bytes: bigint | null, side: Side): number {
  return bytes === null || side.bytes === 0n ? 0 : Number(bytes) / Number(side.bytes);
}

/** The rows that changed most. */
class Largest {
  readonly #limit: number;
  #rows: Row[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(row: Row): void {
    this.#rows.push(row);
    // Sorted now and then: twice as many rows as are kept cost no memory to speak of.
    if (this.#limit > 0 && this.#rows.length >= 2 * this.#limit + 64) this.#cut();
  }

  rows(): Row[] {
    this.#cut();
    return this.#rows;
  }

  #cut(): void {
    const size = (row: Row) => Math.abs(row[5] as number);
    this.#rows.sort((one, other) =>
      size(other) - size(one) || compareBytes(String(one[1]), String(other[1]))
    );
    if (this.#limit > 0) this.#rows.length = Math.min(this.#rows.length, this.#limit);
  }
}

interface Pair {
  readonly key: string;
  readonly before: bigint | null;
  readonly after: bigint | null;
}

/** Both sides together, in the order of the keys. */
async function* merged(
  a: AsyncIterable<readonly Row[]>,
  b: AsyncIterable<readonly Row[]>,
): AsyncGenerator<Pair> {
  const [left, right] = [new Entries(a), new Entries(b)];
  let [one, other] = [await left.next(), await right.next()];
  while (one !== null || other !== null) {
    const order = one === null ? 1 : other === null ? -1 : compareBytes(one.key, other.key);
    yield {
      key: order <= 0 ? one!.key : other!.key,
      before: order <= 0 ? one!.bytes : null,
      after: order >= 0 ? other!.bytes : null,
    };
    if (order <= 0) one = await left.next();
    if (order >= 0) other = await right.next();
  }
}

/** Rows one at a time. */
class Entries {
  readonly #batches: AsyncIterator<readonly Row[]>;
  #batch: readonly Row[] = [];
  #taken = 0;

  constructor(batches: AsyncIterable<readonly Row[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  async next(): Promise<{ key: string; bytes: bigint } | null> {
    while (this.#taken === this.#batch.length) {
      const next = await this.#batches.next();
      if (next.done) return null;
      this.#batch = next.value;
      this.#taken = 0;
    }
    const [key, bytes] = this.#batch[this.#taken++]!;
    return { key: String(key), bytes: BigInt(bytes as bigint) };
  }
}

const ENCODER = new TextEncoder();

/** As DuckDB orders text: by its bytes in UTF-8. */
function compareBytes(one: string, other: string): number {
  if (one === other) return 0;
  const [a, b] = [ENCODER.encode(one), ENCODER.encode(other)];
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    if (a[index] !== b[index]) return a[index]! - b[index]!;
  }
  return a.length - b.length;
}
