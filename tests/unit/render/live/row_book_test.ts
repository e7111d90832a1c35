/** Rows that are known from second to second. */
import assert from "node:assert/strict";
import type { LiveSecond } from "../../../../src/contract/live_second.ts";
import { RowBook } from "../../../../src/render/live/row_book.ts";
import { SUM, SUMS } from "../../../../src/render/live/live_rows.ts";
import {
  FIRST_SECOND,
  type FlowOfSecond,
  ipv4,
  PLACES,
  secondOf,
} from "../../../support/live_screens.ts";

function flow(host: number, role: number, packets: number): FlowOfSecond {
  return {
    attachment: 0,
    source: ipv4(10, 0, 0, host),
    destination: ipv4(10, 0, 0, 99),
    protocol: 6,
    ports: [1000, 2000],
    role,
    counts: [packets, 100 * packets, 1, 2],
  };
}

/** Rows of a second by name: packets and bytes forth and back, sent again, refused. */
function shareOf(book: RowBook, second: LiveSecond): Record<string, number[]> {
  const { rows, sums } = book.share(second);
  return Object.fromEntries(
    rows.map(({ label }, place) => [label, [...sums.slice(place * SUMS, (place + 1) * SUMS)]]),
  );
}

Deno.test("RowBook follows a flow that shows who its client is", () => {
  const book = new RowBook("conversations", PLACES, SUMS);
  const at = (role: number) => shareOf(book, secondOf(FIRST_SECOND, [flow(1, role, 3)]));
  // By the ports, until a SYN says something else.
  assert.deepEqual(at(0), { "10.0.0.99 > 10.0.0.1:1000 TCP": [0, 0, 3, 300, 1, 2] });
  assert.deepEqual(at(1), { "10.0.0.1 > 10.0.0.99:2000 TCP": [3, 300, 0, 0, 1, 2] });
  assert.deepEqual(at(2), { "10.0.0.99 > 10.0.0.1:1000 TCP": [0, 0, 3, 300, 1, 2] });
});

Deno.test("RowBook takes numbers for other flows when the numbering is another one", () => {
  const book = new RowBook("hosts", PLACES, SUMS);
  const second = (host: number, numbering: number): LiveSecond => ({
    ...secondOf(FIRST_SECOND, [flow(host, 0, 1)]),
    flows: Uint32Array.of(0),
    numbering,
  });
  assert.ok("10.0.0.1" in shareOf(book, second(1, 0)));
  assert.ok("10.0.0.2" in shareOf(book, second(2, 1)));
});

Deno.test("RowBook gives a flow a row that is in its list, after the one before was forgotten", () => {
  const book = new RowBook("hosts", PLACES, SUMS);
  const both = secondOf(FIRST_SECOND, [flow(1, 0, 1), flow(2, 0, 1)]);
  const [old] = book.share(both).rows;
  old!.sums[SUM.packetsForth] = 7;
  book.forget(old!);
  assert.equal(book.row("10.0.0.1"), undefined);
  assert.equal(book.size, 2);
  for (const again of [both, both]) {
    assert.deepEqual(shareOf(book, again)["10.0.0.99"], [0, 0, 2, 200, 2, 4]);
    assert.equal(book.row("10.0.0.1")?.sums[SUM.packetsForth], 0);
    assert.ok(book.share(again).rows.every((row) => book.row(row.label) === row));
  }
});

Deno.test("RowBook has room for more rows than it began with", () => {
  const book = new RowBook("hosts", PLACES, SUMS);
  const flows = Array.from({ length: 3000 }, (_, index): FlowOfSecond => ({
    attachment: 0,
    source: ipv4(10, 1, index >> 8, index & 255),
    destination: ipv4(10, 0, 0, 99),
    protocol: 1,
    counts: [index + 1, 100, 0, 0],
  }));
  const rows = shareOf(book, secondOf(FIRST_SECOND, flows));
  assert.equal(Object.keys(rows).length, 3001);
  for (const [index] of flows.entries()) {
    const label = `10.1.${index >> 8}.${index & 255}`;
    assert.deepEqual(rows[label], [index + 1, 100, 0, 0, 0, 0]);
  }
});
