import assert from "node:assert/strict";
import { OVERVIEW_SQL, overviewOfFooters, overviewOfRow } from "../../../src/query/overview.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import type { RecordingSpan } from "../../../src/query/recording_span.ts";

const NOWHEN: RecordingSpan = { startedMs: null, seconds: null, views: [], earlyEnds: [] };
const LOSSES = { isTimed: false, intervals: [], isCut: false };
const FACTS = { counters: null, attachments: [], span: NOWHEN, losses: LOSSES };

Deno.test("overview() is told by the footers as the packets tell it", async () => {
  const fixtures = (["complete", "lossy", "hostile", "empty"] as const).map(fixturePath);
  for (const files of [...fixtures.map((path) => [path]), fixtures]) {
    using recordings = await Recordings.open(files);
    const told = await recordings.overview();
    const batches = recordings.rows({ sql: OVERVIEW_SQL, parameters: {} });
    const [row] = (await Array.fromAsync(batches)).flat();
    assert.deepEqual(told, overviewOfRow(row!), files.join());
  }
});

Deno.test("overviewOfFooters() scales each file by its rate, and says nothing where one does not", () => {
  const times = { first: 5n, last: 9n };
  const one = { ...FACTS, rows: 3, addresses: 2, times, sampleRate: 1 };
  const other = { ...one, times: { first: 2n, last: 7n }, sampleRate: 10 };
  const empty = { ...one, rows: 0, addresses: 0, times: null };
  assert.deepEqual(overviewOfFooters([one, other, empty]), {
    packets: 33n,
    ipPackets: 22n,
    firstPacket: 2n,
    lastPacket: 9n,
  });
  assert.deepEqual(overviewOfFooters([empty]), {
    packets: 0n,
    ipPackets: 0n,
    firstPacket: null,
    lastPacket: null,
  });
  assert.equal(overviewOfFooters([one, { ...one, times: null }]), null);
  assert.equal(overviewOfFooters([one, { ...one, addresses: null }]), null);
});
