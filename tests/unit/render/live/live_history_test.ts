/** Sums of rows over windows, against plain sums. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { LiveSecond } from "../../../../src/contract/live_second.ts";
import { LiveHistory, sumOf, WINDOWS } from "../../../../src/render/live/live_history.ts";
import { VIEWS } from "../../../../src/render/live/live_rows.ts";
import { FIRST_SECOND, ipv4, PLACES, secondOf } from "../../../support/live_screens.ts";

interface Sent {
  readonly host: number;
  readonly bytes: number;
}

const someTraffic = fc.array(
  fc.uniqueArray(
    fc.record({ host: fc.integer({ min: 1, max: 4 }), bytes: fc.integer({ min: 1, max: 9000 }) }),
    { maxLength: 4, selector: ({ host }) => host },
  ),
  { minLength: 1, maxLength: 70 },
);

function second(at: number, sent: readonly Sent[]): LiveSecond {
  return secondOf(
    FIRST_SECOND + at,
    sent.map(({ host, bytes }) => ({
      attachment: 0,
      source: ipv4(10, 0, 0, host),
      destination: ipv4(10, 0, 0, 99),
      protocol: 1,
      counts: [1, bytes, 1, 0],
    })),
  );
}

Deno.test("LiveHistory sums each row over the last 2, 10 and 40 seconds, whenever a view is looked at", () => {
  fc.assert(fc.property(someTraffic, fc.integer({ min: 0, max: 70 }), (traffic, lookedAt) => {
    const history = new LiveHistory(PLACES);
    // What is missing is silence; of the first second only a part is known.
    history.add(second(0, [{ host: 1, bytes: 1 }]));
    traffic.forEach((sent, index) => {
      const isLast = index === traffic.length - 1;
      if (sent.length > 0 || isLast) history.add(second(index + 1, sent));
      if (index === lookedAt) history.rows("hosts");
    });
    const rows = new Map([...history.rows("hosts").rows].map((row) => [row.label, row]));
    for (let host = 1; host <= 4; host++) {
      const row = rows.get(`10.0.0.${host}`);
      WINDOWS.forEach((length, window) => {
        const wanted = traffic.slice(-length).flat().filter((one) => one.host === host);
        const bytes = wanted.reduce((sum, one) => sum + one.bytes, 0);
        assert.equal(row === undefined ? 0 : sumOf(row, window, "bytes"), bytes);
        assert.equal(row === undefined ? 0 : sumOf(row, window, "packets"), wanted.length);
      });
      const isThere = traffic.slice(-40).flat().some((one) => one.host === host);
      assert.equal(row !== undefined, isThere);
    }
    assert.equal(history.length, Math.min(40, traffic.length));
    const total = traffic.slice(-10).flat().reduce((sum, one) => sum + one.bytes, 0);
    assert.equal(history.totalsOf(10).bytesIn, total);
  }));
});

Deno.test("LiveHistory scales a sample up, and tells nothing of segments that were sent again", () => {
  const history = new LiveHistory(PLACES, 10);
  for (const at of [0, 1]) history.add(second(at, [{ host: 1, bytes: 7 }]));
  const [row] = history.rows("protocols").rows;
  assert.equal(sumOf(row!, 0, "bytes"), 70);
  assert.equal(sumOf(row!, 0, "packets"), 10);
  assert.equal(row!.sums[4], 0);
  assert.deepEqual(history.totalsOf(1), { packetsIn: 10, bytesIn: 70, packetsOut: 0, bytesOut: 0 });
});

Deno.test("LiveHistory begins anew when the clock is set back, and after a long gap", () => {
  for (const jump of [-100, 100]) {
    const history = new LiveHistory(PLACES);
    for (const at of [0, 1, 2]) history.add(second(at, [{ host: 1, bytes: 7 }]));
    history.add(second(jump, []));
    history.add(second(jump + 1, []));
    assert.equal(history.length, 1);
    for (const view of VIEWS) assert.deepEqual([...history.rows(view).rows], []);
  }
});
