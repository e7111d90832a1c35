import assert from "node:assert/strict";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import { mixedPackets } from "../../support/fixture_packets.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { recordingMetadata, writeRecording } from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

async function ask(files: readonly string[], sql: string) {
  using recordings = await Recordings.open(files);
  return (await Array.fromAsync(recordings.rows({ sql, parameters: {} }))).flat();
}

Deno.test("the view packets gives each row the sampling rate of its file", async () => {
  using directory = TempDirectory.create();
  const sampled = directory.file("it's sampled.parquet");
  await writeRecording(sampled, mixedPackets(), { [FILE_METADATA_KEY.sampleRate]: "10" });
  const files = [fixturePath("complete"), sampled];
  const sql = "SELECT sample_rate, count(*) FROM packets GROUP BY ALL ORDER BY ALL";
  assert.deepEqual(await ask(files, sql), [[1n, 36n], [10n, 36n]]);
  const sums = `SELECT sum_packets(sample_rate), sum_packets_with(source_ip, sample_rate),
    sum_bytes(packet_length, sample_rate) FROM packets`;
  assert.deepEqual(await ask(files, sums), [[396n, 363n, 83616n * 11n]]);
  assert.deepEqual(await ask([...files].reverse(), sums), [[396n, 363n, 83616n * 11n]]);
  const more = directory.file("more.parquet");
  await writeRecording(more, mixedPackets(), { [FILE_METADATA_KEY.sampleRate]: "7" });
  assert.deepEqual(await ask([...files, more], sums), [[648n, 594n, 83616n * 18n]]);
  assert.deepEqual(await ask([sampled], sums), [[360n, 330n, 836160n]]);
  assert.deepEqual(await ask(files, `${sums} WHERE false`), [[0n, 0n, 0n]]);
});

Deno.test("the table attachments holds what the metadata says, whatever its text", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("hostile.parquet");
  const name = "'); DROP TABLE attachments; --";
  await writeRecording(path, mixedPackets(), {
    ...recordingMetadata(36),
    [FILE_METADATA_KEY.attachments]: JSON.stringify([{ interface: name, direction: "ingress" }]),
  });
  const plain = directory.file("plain.parquet");
  await writeRecording(plain, mixedPackets(), {});
  const sql = "SELECT * FROM attachments ORDER BY ALL";
  assert.deepEqual(await ask([plain], sql), []);
  assert.deepEqual(await ask([path, plain], sql), [
    [path, name, "ingress", null, null, null, null, null, null],
  ]);
  const lossy = fixturePath("lossy");
  assert.deepEqual(await ask([lossy], sql), [
    [lossy, "eth0", "egress", "tcx", "tcx", 2499383n, 2499383n, 0n, 0n],
    [lossy, "eth0", "ingress", "xdp", "native", 2500617n, 2499383n, 1234n, 0n],
  ]);
});
