import assert from "node:assert/strict";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import { reportQuery } from "../../../src/reports/answer.ts";
import { INTERFACES } from "../../../src/reports/interfaces.ts";
import { mixedPackets } from "../../support/fixture_packets.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { recordingMetadata, writeRecording } from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

async function rows(...files: string[]) {
  using recordings = await Recordings.open(files);
  return (await Array.fromAsync(recordings.rows(reportQuery(INTERFACES, 0, false)))).flat();
}

/** Packets and bytes of the fixture in each direction, added up here. */
function expected(direction: string): [bigint, bigint] {
  const packets = mixedPackets().filter((packet) => packet.direction === direction);
  const bytes = packets.reduce((sum, { packet_length: length }) => sum + Number(length), 0);
  return [BigInt(packets.length), BigInt(bytes)];
}

Deno.test("INTERFACES gives packets, bytes, loss, hook and mode of each direction", async () => {
  const seen = 2_500_617n;
  assert.deepEqual(await rows(fixturePath("lossy")), [
    ["eth0", "egress", "tcx", "tcx", ...expected("egress"), 2_499_383n, 0n, 0, 0n],
    [
      ...["eth0", "ingress", "xdp", "native", ...expected("ingress")],
      ...[seen, 1234n, 1234 / Number(seen), 0n],
    ],
  ]);
});

Deno.test("INTERFACES has a row without metadata, and one for an interface without packets", async () => {
  using directory = TempDirectory.create();
  const plain = directory.file("plain.parquet");
  await writeRecording(plain, mixedPackets(), {});
  const unknown = [null, null, null, null];
  assert.deepEqual(await rows(plain), [
    ["eth0", "egress", null, null, ...expected("egress"), ...unknown],
    ["eth0", "ingress", null, null, ...expected("ingress"), ...unknown],
  ]);
  const idle = directory.file("idle.parquet");
  await writeRecording(idle, [], {
    ...recordingMetadata(0),
    [FILE_METADATA_KEY.attachments]: JSON.stringify([
      { interface: "eth9", direction: "ingress", hook: "xdp", mode: "generic" },
    ]),
  });
  assert.deepEqual(await rows(idle), [
    ["eth9", "ingress", "xdp", "generic", 0n, 0n, ...unknown],
  ]);
});

Deno.test("INTERFACES gives the share of what was lost of the packets that were to be recorded", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("filtered.parquet");
  const counters = { packets_seen: 1000, packets_captured: 90, packets_dropped: 10, drops: {} };
  await writeRecording(path, [], {
    ...recordingMetadata(0),
    [FILE_METADATA_KEY.attachments]: JSON.stringify([
      {
        ...{ interface: "eth9", direction: "ingress", hook: "xdp", mode: "generic" },
        counters: { ...counters, packets_filtered: 900 },
      },
    ]),
  });
  assert.deepEqual(await rows(path), [
    ["eth9", "ingress", "xdp", "generic", 0n, 0n, 1000n, 10n, 0.1, 900n],
  ]);
});

Deno.test("INTERFACES names every hook that files recorded by", async () => {
  using directory = TempDirectory.create();
  const generic = directory.file("generic.parquet");
  const metadata = recordingMetadata(36);
  const attachments = metadata[FILE_METADATA_KEY.attachments]!.replace("native", "generic");
  await writeRecording(generic, mixedPackets(), {
    ...metadata,
    [FILE_METADATA_KEY.attachments]: attachments,
  });
  const [, ingress] = await rows(fixturePath("complete"), generic);
  assert.deepEqual(ingress!.slice(0, 4), ["eth0", "ingress", "xdp", "generic, native"]);
});
