import assert from "node:assert/strict";
import { askReport } from "../../support/ask_report.ts";
import type { FixturePacket } from "../../support/fixture_packets.ts";
import { oneSidedNote } from "../../support/one_sided_note.ts";
import { metadataOf, writeRecording } from "../../support/parquet_fixture.ts";
import { attempt, type Outcome } from "../../support/scan_packets.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const SCANNER = "192.0.2.1";

async function scans(packets: readonly FixturePacket[]) {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  await writeRecording(path, packets, {});
  return await askReport(["scans"], [path]);
}

/** Attempts at so many ports of one host. */
function ports(count: number, came: Outcome, first = 0): FixturePacket[] {
  return Array.from({ length: count }, (_, index) => {
    return attempt(first + index, [SCANNER, "10.0.0.1", first + index + 1], came);
  }).flat();
}

/** Attempts at one port of so many hosts. */
function hosts(count: number, came: Outcome): FixturePacket[] {
  return Array.from({ length: count }, (_, index) => {
    return attempt(index, [SCANNER, `10.0.${index >> 8}.${index & 255}`, 443], came);
  }).flat();
}

Deno.test("scans begin at 15 failed ports of a host and at 25 failed hosts of a port", async () => {
  for (const came of ["refused", "silent"] as const) {
    assert.deepEqual(await scans(ports(14, came)), []);
    assert.deepEqual(await scans(hosts(24, came)), []);
    const [port] = await scans(ports(15, came));
    assert.deepEqual([port!.kind, port!.target_count, port!.port_count], ["port-scan", 1, 15]);
    const [host] = await scans(hosts(25, came));
    assert.deepEqual([host!.kind, host!.target_count, host!.port_count], ["host-scan", 25, 1]);
  }
});

Deno.test("scans are not what was answered, also where only one direction was recorded", async () => {
  for (const came of ["open", "one-sided"] as const) {
    assert.deepEqual(await scans(hosts(40, came)), []);
    assert.deepEqual(await scans([...ports(30, came), ...ports(14, "refused", 200)]), []);
  }
});

Deno.test("scans give a scanner one line, however often it knocks", async () => {
  const packets = [...ports(98, "refused"), ...ports(2, "open", 600)];
  const later = packets.map((packet) => ({
    ...packet,
    timestamp: packet.timestamp + 1_000_000_000n,
  }));
  const rows = await scans([...packets, ...later]);
  assert.equal(rows.length, 1);
  const { attempt_count, answered_count, refused_count, unanswered_count, duration_seconds } =
    rows[0]!;
  assert.deepEqual([attempt_count, answered_count, refused_count, unanswered_count], [
    100,
    2,
    98,
    0,
  ]);
  assert(Number(duration_seconds) > 1 && Number(duration_seconds) < 1.1, String(duration_seconds));
});

/** What is said below the report on attempts, and on the RSTs that came, if they did, at one interface. */
async function saidOf(
  packets: readonly FixturePacket[],
  metadata: Record<string, string> | null,
  ...words: string[]
): Promise<string> {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  await writeRecording(path, packets, metadata ?? {});
  return await oneSidedNote(path, "scans", ...words);
}

Deno.test("scans say that what seems unanswered can have been refused where nothing was heard", async () => {
  const note =
    "of 1 row the packets of one side only were seen: what seems unanswered can have been " +
    "refused or answered";
  const back = (packets: readonly FixturePacket[]) =>
    packets.map((one) => one.tcp_flags === 2 ? one : { ...one, direction: "egress" });
  const refused = back(ports(20, "refused"));
  const silent = ports(20, "silent");
  const known = metadataOf(refused);
  for (const metadata of [known, null]) {
    assert.equal(await saidOf(refused, metadata), "");
    assert.equal(await saidOf(refused, metadata, "-Q", "in"), note);
  }
  assert.equal(await saidOf(silent, known), "");
  assert.equal(await saidOf(silent, known, "-Q", "in"), note);
  // A condition may leave out what came back.
  assert.equal(await saidOf(refused, known, "--filter", "dst host 10.0.0.1"), note);
  assert.equal(await saidOf(refused, known, "--filter", "host 10.0.0.1"), "");
  // A mirrored port has both sides in one direction: of this scanner, or of somebody else.
  const mirrored = [...silent, ...hosts(1, "refused")];
  assert.equal(await saidOf(mirrored, known, "-Q", "in"), "");
});
