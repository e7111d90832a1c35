import assert from "node:assert/strict";
import { askReport } from "../../support/ask_report.ts";
import { mixedPackets } from "../../support/fixture_packets.ts";
import { lossesOf, metadataOf, writeRecording } from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

Deno.test("loss gives each cause of each file, and files that lost nothing or do not say", async () => {
  using directory = TempDirectory.create();
  Deno.mkdirSync(directory.file("old"));
  const packets = mixedPackets();
  const write = async (name: string, metadata: Record<string, string>) => {
    await writeRecording(directory.file(name), packets, metadata);
    return directory.file(name);
  };
  const files = [
    await write("old/lossy.parquet", metadataOf(packets, 64, { ring_full: 40, queue_full: 20 })),
    await write("lossy.parquet", metadataOf(packets, 4, { ring_full: 4, "<b>\u202e": 1 })),
    await write("whole.parquet", metadataOf(packets)),
    await write("plain.parquet", {}),
  ];
  const span = ["2026-11-23T13:54:00.000000000Z", "2026-11-23T13:54:30.500000000Z"];
  const rows = await askReport(["loss"], files);
  assert.deepEqual(rows.map((row) => Object.values(row)), [
    // Those that do not say when may have lost it at any time.
    ["old/lossy.parquet", "ring_full", 40, 100, 0.4, ...span, ...span],
    ["old/lossy.parquet", "queue_full", 20, 100, 0.2, ...span, ...span],
    ["lossy.parquet", "ring_full", 4, 40, 0.1, ...span, ...span],
    ["lossy.parquet", "invalid", 1, 40, 0.025, ...span, ...span],
    ["whole.parquet", null, 0, 36, 0, ...span, null, null],
    ["plain.parquet", null, null, null, null, null, null, null, null],
  ]);
});

Deno.test("loss names one file by its own name", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("it's.parquet");
  await writeRecording(path, [], metadataOf([]));
  assert.equal((await askReport(["loss"], [path]))[0]!.file, "it's.parquet");
});

const PACKETS = mixedPackets();
const LOSSES = [
  { from: 1, to: 2, seen: 100, drops: { ring_full: 40 } },
  { from: 2, to: 3, seen: 20, drops: { ring_full: 5, queue_full: 3 } },
  { from: 20, to: 30, seen: 40, drops: { queue_full: 16 } },
];

/** A recording that says when it has lost packets. */
async function writeTimed(path: string, losses = LOSSES): Promise<string> {
  const metadata = metadataOf(PACKETS, 64, { ring_full: 45, queue_full: 19 });
  await writeRecording(path, PACKETS, { ...metadata, ...lossesOf(losses) });
  return path;
}

/** `13:54:01` and so on. */
function time(value: unknown): string {
  return String(value).slice(11, 19);
}

Deno.test("loss says when by each cause packets were lost first and last", async () => {
  using directory = TempDirectory.create();
  const rows = await askReport(["loss"], [await writeTimed(directory.file("a.parquet"))]);
  assert.deepEqual(
    rows.map(({ cause, packets_dropped, loss_start, loss_end }) => [
      ...[cause, packets_dropped],
      ...[time(loss_start), time(loss_end)],
    ]),
    [["ring_full", 45, "13:54:01", "13:54:03"], ["queue_full", 19, "13:54:02", "13:54:30"]],
  );
});

Deno.test("loss --by time gives each time in which packets were lost, by cause, with the share", async () => {
  using directory = TempDirectory.create();
  const files = [await writeTimed(directory.file("a.parquet"))];
  const plain = directory.file("plain.parquet");
  await writeRecording(plain, PACKETS, {});
  const rows = await askReport(["loss", "--by", "time"], [...files, plain]);
  assert.deepEqual(
    rows.map((row) => [time(row.loss_start), time(row.loss_end), ...Object.values(row).slice(2)]),
    [
      ["13:54:01", "13:54:02", "eth0", "ingress", "ring_full", 40, 100, 0.4, "a.parquet"],
      ["13:54:02", "13:54:03", "eth0", "ingress", "queue_full", 3, 20, 0.15, "a.parquet"],
      ["13:54:02", "13:54:03", "eth0", "ingress", "ring_full", 5, 20, 0.25, "a.parquet"],
      ["13:54:20", "13:54:30", "eth0", "ingress", "queue_full", 16, 40, 0.4, "a.parquet"],
    ],
  );
  const at = async (...words: string[]) => {
    const selected = await askReport(["loss", "--by", "time", ...words], files);
    return selected.map(({ loss_start }) => time(loss_start));
  };
  // An end is the first moment that does not count.
  assert.deepEqual(await at("--from", "13:54:02", "--to", "13:54:20"), ["13:54:02", "13:54:02"]);
  assert.deepEqual(await at("--from", "13:54:25"), ["13:54:20"]);
  assert.deepEqual(await at("-Q", "out"), []);
});

Deno.test("loss --by time believes no times that do not add up to the counters", async () => {
  using directory = TempDirectory.create();
  const wrong = [
    LOSSES.slice(1),
    [...LOSSES, LOSSES[0]!],
    LOSSES.map((one) => ({ ...one, slot: 7 })),
    LOSSES.map((one) => ({ ...one, to: one.from - 1 })),
  ];
  for (const [index, losses] of wrong.entries()) {
    const path = await writeTimed(directory.file(`${index}.parquet`), losses);
    const rows = await askReport(["loss", "--by", "time"], [path]);
    assert.deepEqual(
      rows.map((row) => Object.values(row).slice(0, 6)),
      [
        ["2026-11-23T13:54:00.000000000Z", "2026-11-23T13:54:30.500000000Z", "eth0", "ingress"],
        ["2026-11-23T13:54:00.000000000Z", "2026-11-23T13:54:30.500000000Z", "eth0", "ingress"],
      ].map((row, place) => [...row, ...[["queue_full", 19], ["ring_full", 45]][place]!]),
    );
  }
});
