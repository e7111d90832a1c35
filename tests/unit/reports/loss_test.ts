import assert from "node:assert/strict";
import { askReport } from "../../support/ask_report.ts";
import { mixedPackets } from "../../support/fixture_packets.ts";
import { metadataOf, writeRecording } from "../../support/parquet_fixture.ts";
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
    ["old/lossy.parquet", "ring_full", 40, 100, 0.4, ...span],
    ["old/lossy.parquet", "queue_full", 20, 100, 0.2, ...span],
    ["lossy.parquet", "ring_full", 4, 40, 0.1, ...span],
    ["lossy.parquet", "invalid", 1, 40, 0.025, ...span],
    ["whole.parquet", null, 0, 36, 0, ...span],
    ["plain.parquet", null, null, null, null, null, null],
  ]);
});

Deno.test("loss names one file by its own name", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("it's.parquet");
  await writeRecording(path, [], metadataOf([]));
  assert.equal((await askReport(["loss"], [path]))[0]!.file, "it's.parquet");
});
