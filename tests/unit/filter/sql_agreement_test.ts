/**
 * Filters made up at random over frames of all kinds: SQL selects the packets that the filter means.
 * What it means is written down beside its text by the test, without the parser.
 */
import assert from "node:assert/strict";
import fc from "fast-check";

import { DuckDBInstance } from "@duckdb/node-api";
import { parseFilter } from "../../../src/filter/parser.ts";
import { filterSql } from "../../../src/filter/sql.ts";
import { ALL_ROWS } from "../../bpf/rows/all_rows.ts";
import { ExpressionMaker } from "../../support/filter_expressions.ts";
import { type FilterPacket, filterPacket, packetTable } from "../../support/filter_packets.ts";
import { anyFrame } from "../../support/frame_arbitraries.ts";
import { Prng } from "../../support/prng.ts";

const FACTOR = Number(Deno.env.get("XDP_INSPECTOR_CONFORMANCE_FACTOR") ?? 1);
const SEED = Number(Deno.env.get("XDP_INSPECTOR_CONFORMANCE_SEED") ?? 0x0f17_7e20);
const EXPRESSIONS = 400 * FACTOR;

/** Frames as they are, as a host may send them, and as none does. */
function packets(): FilterPacket[] {
  const frames = [
    ...ALL_ROWS.map(({ frame }) => frame).filter(({ length }) => length >= 14 && length < 2000),
    ...fc.sample(anyFrame(), { numRuns: 600, seed: SEED }).filter(({ length }) => length >= 14),
  ];
  return frames.map((frame, index) =>
    filterPacket(frame, {
      direction: index % 3 === 0 ? "egress" : "ingress",
      interface: index % 5 === 0 ? "wg0" : "eth0.10",
    })
  );
}

Deno.test(`filterSql() selects what ${EXPRESSIONS} filters made up at random mean`, async () => {
  const all = packets();
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    await connection.run(packetTable(all));
    const maker = new ExpressionMaker(new Prng(SEED), all);
    let selecting = 0;
    for (let index = 0; index < EXPRESSIONS; index++) {
      const { text, matches } = maker.expression();
      const sql = filterSql(parseFilter(text));
      const reader = await connection.runAndReadAll(
        `SELECT number FROM packets WHERE ${sql} ORDER BY number`,
      );
      const found = reader.getRows().map(([number]) => Number(number));
      const wanted = all.flatMap((packet, number) => matches(packet) ? [number] : []);
      assert.deepEqual(found, wanted, `seed ${SEED}, ${text}\n${sql}`);
      if (wanted.length > 0 && wanted.length < all.length) selecting++;
    }
    assert.ok(
      selecting > EXPRESSIONS / 2,
      `${selecting} filters select some packets and not others`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
});
