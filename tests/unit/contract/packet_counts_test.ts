import assert from "node:assert/strict";
import { addCounts, decodeCounts } from "../../../src/contract/packet_counts.ts";
import { countsOf } from "../../support/fake_counts.ts";

Deno.test("decodeCounts() names the words in the order of struct packet_counters", () => {
  const counts = decodeCounts(BigUint64Array.of(1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n));
  // The keys and their order are a contract.
  assert.equal(
    JSON.stringify(counts),
    JSON.stringify({
      packets_seen: 1,
      packets_captured: 2,
      packets_dropped: 13,
      drops: { ring_full: 6, queue_full: 7, not_written: 0 },
      packets_sampled_out: 4,
      packets_filtered: 5,
      bytes_captured: 3,
    }),
  );
});

Deno.test("addCounts() adds up so that every packet seen is accounted for", () => {
  const total = addCounts([
    countsOf({ seen: 100, captured: 90, ringFull: 10, capturedBytes: 9000 }),
    countsOf({
      seen: 55,
      captured: 40,
      queueFull: 5,
      sampledOut: 7,
      filtered: 3,
      capturedBytes: 4000,
    }),
  ]);
  assert.equal(
    JSON.stringify(total),
    JSON.stringify({
      packets_seen: 155,
      packets_captured: 130,
      packets_dropped: 15,
      drops: { ring_full: 10, queue_full: 5, not_written: 0 },
      packets_sampled_out: 7,
      packets_filtered: 3,
      bytes_captured: 13_000,
    }),
  );
  assert.equal(
    total.packets_seen,
    total.packets_captured + total.packets_dropped + total.packets_sampled_out +
      total.packets_filtered,
  );
});

Deno.test("addCounts() adds field by field", () => {
  const one = decodeCounts(BigUint64Array.of(1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n));
  const sum = addCounts([one, one]);
  assert.deepEqual(sum, decodeCounts(BigUint64Array.of(2n, 4n, 6n, 8n, 10n, 12n, 14n, 16n)));
  assert.equal(addCounts([]).packets_seen, 0);
});
