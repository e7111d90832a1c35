import assert from "node:assert/strict";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import { EVERYTHING } from "../../../src/query/selection.ts";
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
  const rates = [100, 2 ** 31, 2 ** 32];
  for (const [index, rate] of rates.entries()) {
    const path = directory.file(`${rate}.parquet`);
    await writeRecording(path, mixedPackets(), { [FILE_METADATA_KEY.sampleRate]: String(rate) });
    const some = [
      ...files,
      more,
      ...rates.slice(0, index + 1).map((one) => directory.file(`${one}.parquet`)),
    ];
    const all = 18n + rates.slice(0, index + 1).reduce((sum, one) => sum + BigInt(one), 0n);
    assert.deepEqual(await ask(some, sums), [[36n * all, 33n * all, 83616n * all]]);
    const two = BigInt(1 + rate);
    assert.deepEqual(await ask([files[0]!, path], sums), [[36n * two, 33n * two, 83616n * two]]);
  }
  assert.deepEqual(await ask(files, `${sums} WHERE false`), [[0n, 0n, 0n]]);
});

Deno.test("sums have room for the longest packets at the highest rates", async () => {
  using directory = TempDirectory.create();
  const long = mixedPackets().map((packet) => ({ ...packet, packet_length: 2 ** 32 - 1 }));
  const bytes = BigInt(36 * (2 ** 32 - 1));
  const sums = "SELECT sum_bytes(packet_length, sample_rate) FROM packets";
  for (const rate of [2 ** 31 - 1, 2 ** 32 - 1]) {
    const files = [1, rate].map((one) => directory.file(`${one}.parquet`));
    for (const [index, one] of [1, rate].entries()) {
      await writeRecording(files[index]!, long, { [FILE_METADATA_KEY.sampleRate]: String(one) });
    }
    assert.deepEqual(await ask(files, sums), [[bytes * BigInt(1 + rate)]]);
    assert.deepEqual(await ask(files.slice(1), sums), [[bytes * BigInt(rate)]]);
  }
});

Deno.test("addresses are checked row by row only where one may be too long", async () => {
  using directory = TempDirectory.create();
  const [short, long] = [directory.file("short.parquet"), directory.file("long.parquet")];
  const packets = [...mixedPackets(), ...mixedPackets(), ...mixedPackets()];
  await writeRecording(short, packets, {});
  const text = "1".repeat(46);
  await writeRecording(
    long,
    packets.map((one, index) => index < packets.length - 1 ? one : { ...one, source_ip: text }),
    {},
  );
  const sql = "SELECT source_ip FROM packets WHERE strlen(source_ip) > 45 OR source_ip = 'invalid'";
  const viewAfter = async (
    files: readonly string[],
    query: string,
    where: string | null = null,
  ) => {
    using recordings = await Recordings.open(files, { selection: { ...EVERYTHING, where } });
    const rows = (await Array.fromAsync(recordings.rows({ sql: query, parameters: {} }))).flat();
    const view = await recordings.session.rows(
      "SELECT sql FROM duckdb_views() WHERE view_name = 'packets'",
    );
    const checked = ["source_ip", "destination_ip", "source_mac", "destination_mac"]
      .filter((name) => String(view[0]![0]).includes(`strlen(${name})`));
    return { rows, checked, hasCondition: String(view[0]![0]).includes("packet_length >= 7") };
  };
  const macs = ["source_mac", "destination_mac"];
  const all = ["source_ip", "destination_ip", ...macs];
  // Nobody has asked.
  assert.deepEqual((await viewAfter([short], "SELECT 1 FROM packets LIMIT 1")).checked, all);
  const found = await viewAfter([short], sql);
  assert.deepEqual(found, { rows: [], checked: all.slice(1), hasCondition: false });
  const withCondition = await viewAfter([short], sql, "packet_length >= 7");
  assert.deepEqual(withCondition, { rows: [], checked: all.slice(1), hasCondition: true });
  for (const files of [[long], [short, long]]) {
    const { rows, checked } = await viewAfter(files, sql.replace("FROM", ", destination_ip FROM"));
    assert.deepEqual(rows.map(([source]) => source), ["invalid"]);
    assert.deepEqual(checked, ["source_ip", ...macs]);
  }
  // Without a dictionary a look would take as long as the query.
  const plain = directory.file("plain.parquet");
  await writeRecording(
    plain,
    packets.map((one, index) => ({ ...one, source_ip: `10.0.0.${index}` })),
    {},
  );
  assert.deepEqual((await viewAfter([plain], sql)).checked, all);
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
