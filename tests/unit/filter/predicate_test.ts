/** What a filter means, over the columns of a batch. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { BATCH_BYTES, BATCH_ROWS, createBatch } from "../../../src/batch/column_batch.ts";
import { decodeRecords, recordViews } from "../../../src/batch/decode.ts";
import { RECORD_BYTES } from "../../../src/contract/record_layout.ts";
import { parseFilter } from "../../../src/filter/parser.ts";
import { predicates } from "../../../src/filter/predicate.ts";
import { ALL_ROWS } from "../../bpf/rows/all_rows.ts";
import { ExpressionMaker } from "../../support/filter_expressions.ts";
import { type FilterPacket, filterPacket } from "../../support/filter_packets.ts";
import { anyFrame } from "../../support/frame_arbitraries.ts";
import { Prng } from "../../support/prng.ts";
import { referenceRecord } from "../../support/reference_parser.ts";

const FACTOR = Number(Deno.env.get("XDP_INSPECTOR_CONFORMANCE_FACTOR") ?? 1);
const SEED = Number(Deno.env.get("XDP_INSPECTOR_CONFORMANCE_SEED") ?? 0x0f17_7e21);
const EXPRESSIONS = 600 * FACTOR;

const PLACES = [
  { interface: "eth0.10", direction: "ingress" },
  { interface: "eth0.10", direction: "egress" },
  { interface: "wg0", direction: "ingress" },
  { interface: "wg0", direction: "egress" },
] as const;

/** Frames as they are, as a host may send them, and as none does; each at one of the places. */
function packets(): FilterPacket[] {
  const frames = [
    ...ALL_ROWS.map(({ frame }) => frame).filter(({ length }) => length >= 14 && length < 2000),
    ...fc.sample(anyFrame(), { numRuns: 600, seed: SEED }).filter(({ length }) => length >= 14),
  ];
  return frames.map((frame, index) => filterPacket(frame, PLACES[index % PLACES.length]!));
}

/** The packets as rows of a batch. */
function batchOf(all: readonly FilterPacket[]) {
  assert.ok(all.length <= BATCH_ROWS);
  const data = new Uint8Array(all.length * RECORD_BYTES);
  all.forEach(({ frame }, index) =>
    data.set(referenceRecord(frame, index % PLACES.length).record, index * RECORD_BYTES)
  );
  const offsets = Uint32Array.from(all, (_, index) => index * RECORD_BYTES);
  const batch = createBatch(new ArrayBuffer(BATCH_BYTES));
  decodeRecords(recordViews(data.buffer), offsets, all.length, batch, 0, { low: 0, high: 0 });
  return batch;
}

Deno.test(`predicates() selects what ${EXPRESSIONS} filters made up at random mean`, () => {
  const all = packets();
  const batch = batchOf(all);
  const maker = new ExpressionMaker(new Prng(SEED), all);
  let selecting = 0;
  for (let index = 0; index < EXPRESSIONS; index++) {
    const { text, matches } = maker.expression();
    const selects = predicates(parseFilter(text), PLACES);
    const found = all.flatMap((_, row) => selects[row % PLACES.length]!(batch, row) ? [row] : []);
    const wanted = all.flatMap((packet, row) => matches(packet) ? [row] : []);
    assert.deepEqual(found, wanted, `seed ${SEED}, ${text}`);
    if (wanted.length > 0 && wanted.length < all.length) selecting++;
  }
  assert.ok(selecting > EXPRESSIONS / 2, `${selecting} filters select some packets and not others`);
});
