/** What a table of a live view keeps when time goes on: flows, their numbers, and what is known of them. */
import assert from "node:assert/strict";
import { KEY_WORDS, type LiveSecond } from "../../../src/contract/live_second.ts";
import { writeFilter } from "../../../src/sinks/live/filter_cell.ts";
import { ACK, fill, FIN, flowsOf, keyOf, segment, START, SYN, table } from "./live_packets.ts";

for (const [many, isKept] of [[4, true], [5, false]] as const) {
  Deno.test(`LiveTable keeps flows of the last minute when it makes room, if ${many} of 8 are ${isKept ? "few" : "too many"}`, () => {
    const { sink, seconds } = table(8);
    const old = Array.from({ length: 7 - many }, (_, index) => segment(0, 1 + index, SYN | ACK));
    const young = Array.from({ length: many }, (_, index) => segment(61_000, 101 + index, SYN));
    const packets = [
      ...[...old, ...young],
      // Of each kind one is there again, once room was made.
      ...[1, 101].map((source) => segment(63_000, source, ACK, 10)),
    ];
    sink.append(fill(packets), packets.length);
    sink.finish();
    const roles = new Map(
      seconds.filter(({ second }) => second === START + 63).flatMap(({ roles, keys }) => {
        return [...roles].map((role, flow) => [keys[flow * KEY_WORDS]!, role] as const);
      }),
    );
    assert.deepEqual([roles.get(1), roles.get(101)], [0, isKept ? 1 : 0]);
    const again = seconds.find(({ second }) => second === START + 63)!;
    assert.deepEqual([...flowsOf(again).values()], [[1, 60, 0, 0], [1, 60, 0, 0]]);
  });
}

Deno.test("LiveTable counts late packets in the seconds that they are of, also behind others that moved", () => {
  const { sink, seconds } = table(8);
  const packets = [
    ...[1, 2, 3, 4, 5, 6, 7].map((source) => segment(0, source, ACK)),
    ...[6, 7, 7].map((source) => segment(1000, source, ACK)),
    // With this the first second is over: all are forgotten but two, which are the first now.
    segment(2000, 7, ACK),
    ...[11, 12, 13, 14, 15, 7].map((source) => segment(1900, source, ACK)),
  ];
  sink.append(fill(packets), packets.length);
  sink.finish();
  const counted = (second: LiveSecond) =>
    [...flowsOf(second)].map(([key, [packets]]) => [Number(key.split(",")[0]), packets]);
  assert.deepEqual(seconds.map(counted), [
    [1, 2, 3, 4, 5, 6, 7].map((source) => [source, 1]),
    [[6, 1], [7, 3], ...[11, 12, 13, 14, 15].map((source) => [source, 1])],
    [[7, 1]],
  ]);
});

Deno.test("LiveTable knows of a moved flow what was sent, and when, whoever had its number", () => {
  const { sink, seconds } = table(8);
  const packets = [
    // Of these nothing is known.
    ...[1, 2, 3, 4, 5].map((source) => segment(0, source, ACK)),
    ...[6, 7].map((source) => segment(0, source, ACK, 100, 1000)),
    segment(1000, 6, ACK),
    segment(1999, 7, ACK, 100, 1100),
    // Seven of eight were in use: two are left. So soon it is out of order.
    segment(2001, 7, ACK, 100, 1100),
    ...[7, 6].map((source) => segment(2100, source, ACK, 100, 1000)),
  ];
  sink.append(fill(packets), packets.length);
  sink.finish();
  const counts = [6, 7].map((source) => flowsOf(seconds[2]!).get(keyOf(segment(0, source, ACK))));
  assert.deepEqual(counts, [[1, 60, 1, 0], [2, 120, 1, 0]]);
});

Deno.test("LiveTable has the same numbers until more than three of four are in use", () => {
  for (const [flows, changes] of [[6, false], [7, true]] as const) {
    const { sink, seconds } = table(8);
    const packets = [0, 1000, 2000, 3000].flatMap((atMs) =>
      Array.from({ length: flows }, (_, index) => segment(atMs, 1 + index, ACK))
    );
    sink.append(fill(packets), packets.length);
    sink.finish();
    const numberings = new Set(seconds.map(({ numbering }) => numbering));
    assert.equal(numberings.size > 1, changes, `${flows}`);
    for (const second of seconds.slice(0, 4)) assert.equal(flowsOf(second).size, flows);
  }
});

Deno.test("LiveTable hands on what is open before it goes to another time, in the seconds that it is of", () => {
  const after = (...times: readonly number[]) => {
    const { sink, seconds } = table();
    // Each time in a flow of its own.
    const packets = times.map((second, index) => segment(second * 1000, 1 + index, ACK));
    for (const packet of packets) sink.append(fill([packet]), 1);
    sink.finish();
    return seconds.filter(({ flows }) => flows.length > 0)
      .map(({ second, keys }) => {
        const sources = [...keys].filter((_, word) => word % KEY_WORDS === 0);
        return [second - START, ...sources];
      });
  };
  // Two are open at a time.
  assert.deepEqual(after(0, 1, 0), [[0, 1, 3], [1, 2]]);
  // A minute may pass without packets; what comes after more is another time.
  assert.deepEqual(after(0, 1, 60), [[0, 1], [1, 2], [60, 3]]);
  assert.deepEqual(after(0, 1, 3600), [[0, 1], [1, 2], [3600, 3]]);
  // Late by five seconds, or of a clock that was set back.
  assert.deepEqual(after(50, 51, 45), [[50, 1, 3], [51, 2]]);
  assert.deepEqual(after(50, 51, 44, 45), [[50, 1], [51, 2], [44, 3], [45, 4]]);
});

Deno.test("LiveTable goes through empty seconds up to a minute, and leaves longer times out", () => {
  for (const [gap, handedOn] of [[60, 61], [61, 4]] as const) {
    const { sink, seconds } = table();
    for (const second of [0, gap]) sink.append(fill([segment(second * 1000, 1, ACK)]), 1);
    sink.finish();
    assert.equal(seconds.length, handedOn);
    assert.deepEqual(seconds.map(({ flows }) => flows.length > 0).indexOf(true), 0);
  }
});

Deno.test("LiveTable takes a connection's end for neither its beginning nor its refusal", () => {
  const { sink, seconds } = table();
  const packets = [
    segment(0, 1, SYN),
    segment(10, 1, ACK, 100, 1001),
    segment(20, 1, FIN | ACK, 50, 1101),
    segment(40, 1, FIN | ACK, 50, 1101), // again
    // Nothing is known of who opened this one; and one is opened in an odd way.
    segment(50, 2, ACK, 10),
    segment(60, 3, SYN | FIN),
  ];
  sink.append(fill(packets), packets.length);
  sink.finish();
  assert.deepEqual([...flowsOf(seconds[0]!).values()], [
    [4, 240, 1, 0],
    [1, 60, 0, 0],
    [1, 60, 0, 0],
  ]);
  assert.deepEqual([...seconds[0]!.roles], [1, 0, 1]);
});

Deno.test("LiveTable forgets what another filter has counted in every second that is open", () => {
  const { sink, seconds, cell } = table();
  const packets = [0, 1000].map((atMs) => segment(atMs, 1, ACK));
  sink.append(fill(packets), 2);
  const version = writeFilter(cell, "port 80");
  // Without a packet, too.
  sink.tend();
  sink.finish();
  assert.deepEqual(
    seconds.map(({ filterVersion, totals, flows }) => {
      return [filterVersion, totals[0], flows.length];
    }),
    [[version, 0, 0], [version, 0, 0]],
  );
});

Deno.test("LiveTable follows a clock that was set back by more than five seconds, or forth by a minute", () => {
  const cases = [[-5000, 0], [-5001, 2], [61_699, 60], [61_700, 61], [61_701, 2]] as const;
  for (const [ms, handedOn] of cases) {
    const { sink, seconds, clock } = table();
    sink.tend();
    clock.ms += ms;
    const leftMs = sink.tend();
    assert.equal(seconds.length, handedOn, `${ms}`);
    assert.ok(leftMs > 0 && leftMs <= 6700, `${leftMs}`);
  }
});
