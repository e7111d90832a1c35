import assert from "node:assert/strict";
import type { StatsOptions } from "../../../src/cli/stats_options.ts";
import { runStats } from "../../../src/commands/stats/run_stats.ts";
import { BrokenPipe } from "../../../src/core/standard_streams.ts";
import { parseWrittenTime } from "../../../src/core/written_time.ts";
import { EVERYTHING, type Selection } from "../../../src/query/selection.ts";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { mixedPackets } from "../../support/fixture_packets.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { metadataOf, recordingMetadata, writeRecording } from "../../support/parquet_fixture.ts";
import { inspector, runInspector } from "../../support/inspector_cli.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const DEFAULTS: StatsOptions = {
  report: "traffic",
  files: [fixturePath("complete")],
  limit: null,
  format: "json",
};

async function stats(options: Partial<StatsOptions>) {
  let data = "";
  let note = "";
  const code = await runStats({ ...DEFAULTS, ...options }, {
    data: (text) => data += text,
    note: (text) => note += text,
    screen: { width: null, colour: false },
  });
  return { code, data, note };
}

Deno.test("runStats() says beside machine formats what their numbers do not", async () => {
  assert.equal((await stats({})).note, "");
  const lossy = await stats({ files: [fixturePath("lossy")] });
  assert.equal(lossy.note, "lost 1,234 of 5,000,000 packets (0.02 %), ring full\n");
  JSON.parse(lossy.data);
});

Deno.test("runStats() says in every format that sampled numbers are scaled", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("sampled.parquet");
  await writeRecording(path, mixedPackets(), {
    ...recordingMetadata(36),
    [FILE_METADATA_KEY.sampleRate]: "10",
  });
  const text = /sampled: 1 packet in 10 was kept, packets and bytes are scaled up/;
  assert.match((await stats({ files: [path] })).note, text);
  assert.match((await stats({ files: [path], format: "table" })).data, text);
  const summary = JSON.parse((await stats({ files: [path], report: "summary" })).data);
  assert.deepEqual([summary.sample_rate, summary.packet_count], [10, 360]);
});

Deno.test("runStats() says in every format that a file has lost rows since it was recorded", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("short.parquet");
  const packets = mixedPackets();
  await writeRecording(path, packets.slice(0, 18), metadataOf(packets));
  const text = /short\.parquet" was changed or is damaged: it has 18 packets .* but 36 with /;
  for (const report of ["flows", "summary"] as const) {
    assert.match((await stats({ files: [path], report })).note, text);
    const { data } = await stats({ files: [path], report, format: "table" });
    assert.match(data, text);
    assert.doesNotMatch(data, /capture complete/);
  }
});

Deno.test("runStats() reports on the readable files of a directory and ends with 1", async () => {
  using directory = TempDirectory.create();
  Deno.copyFileSync(fixturePath("complete"), directory.file("a.parquet"));
  Deno.writeTextFileSync(directory.file("b.parquet"), "");
  const { code, data, note } = await stats({ files: [directory.path] });
  assert.equal(code, 1);
  assert.match(note, /b\.parquet": the file is empty\n/);
  assert.match(note, /1 file is not readable and left out/);
  assert.equal(data, (await stats({})).data);
});

Deno.test("runStats() shows as many rows as asked for, all with 0", async () => {
  const rows = async (limit: number | null) =>
    JSON.parse((await stats({ report: "flows", limit })).data).length;
  assert.deepEqual([await rows(1), await rows(0), await rows(null)], [1, 12, 12]);
});

Deno.test("runStats() limits top to 10 and flows to 20 rows unless told otherwise", async () => {
  using directory = TempDirectory.create();
  const [packet] = mixedPackets();
  const packets = Array.from(
    { length: 30 },
    (_, index) => ({ ...packet!, source_ip: `10.1.0.${index}` }),
  );
  const files = [directory.file("a.parquet")];
  await writeRecording(files[0]!, packets, recordingMetadata(30));
  const rows = async (report: "top" | "flows") => JSON.parse((await stats({ report, files })).data);
  const top = await rows("top");
  assert.equal(top.length, 10);
  assert.equal((await rows("flows")).length, 20);
  // All equal in bytes and packets: the address decides.
  assert.deepEqual(top.slice(0, 3).map((row: { source_ip: string }) => row.source_ip), [
    "10.1.0.0",
    "10.1.0.1",
    "10.1.0.10",
  ]);
});

Deno.test("runStats() puts the umask back, also after a failure", async () => {
  const before = Deno.umask(0o027);
  try {
    await stats({});
    await assert.rejects(stats({ files: ["/dev/null"] }), {
      name: "RunError",
      message: /^Cannot read "\/dev\/null": /,
    });
    assert.equal(Deno.umask(), 0o027);
  } finally {
    Deno.umask(before);
  }
});

Deno.test("runStats() makes no file that others can read while it runs", async () => {
  const before = Deno.umask(0o022);
  try {
    const umasks = new Set<number>();
    const note = () => umasks.add(Deno.umask());
    const screen = { width: null, colour: false };
    await runStats(DEFAULTS, { data: note, note, screen });
    assert.deepEqual([...umasks], [0o077]);
  } finally {
    Deno.umask(before);
  }
});

Deno.test("runStats() stops when nobody reads any more", async () => {
  let parts = 0;
  const data = () => {
    parts++;
    throw new BrokenPipe();
  };
  const screen = { width: null, colour: false };
  await assert.rejects(
    runStats({ ...DEFAULTS, format: "ndjson" }, { data, note: () => {}, screen }),
    BrokenPipe,
  );
  assert.equal(parts, 1);
});

Deno.test("stats ends quietly with 0 when its reader goes away", async () => {
  const argv = inspector("stats", "flows", "-f", fixturePath("complete"), "--format", "ndjson");
  const script = 'set -o pipefail; "$@" | true';
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", script, "bash", ...argv],
    stderr: "piped",
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(code, 0);
});

Deno.test("stats ends with 1 and a message when its output cannot be written", async () => {
  const argv = inspector("stats", "-f", fixturePath("complete"));
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", '"$@" > /dev/full', "bash", ...argv],
    stderr: "piped",
  }).output();
  const message = "xdp-inspector: Cannot write to standard output: no space left on device\n" +
    "  Free space there, or choose a place on a larger disk\n";
  assert.equal(new TextDecoder().decode(stderr), message);
  assert.equal(code, 1);
});

Deno.test("stats prints neither colour nor shortened text to a pipe", async () => {
  const { code, stdout } = await runInspector(["stats", "flows", "-f", fixturePath("complete")]);
  assert.equal(code, 0);
  assert.equal(
    stdout,
    Deno.readTextFileSync(
      new URL("../../golden/complete.flows.table.txt", import.meta.url),
    ),
  );
});

function selecting(part: Partial<Selection>): { selection: Selection } {
  return { selection: { ...EVERYTHING, ...part } };
}

Deno.test("runStats() says below a table how many packets matched, and nothing where all were asked for", async () => {
  const part = selecting({ from: parseWrittenTime("13:54:03"), direction: "in" });
  for (const format of ["table", "markdown"]) {
    for (const report of ["traffic", "summary", "interfaces"]) {
      const { code, data, note } = await stats({ ...part, format, report });
      assert.match(data, /^(- )?matched 8 of 36 packets$/m);
      assert.match(data, /13:54:03\.123 to 13:54:30\.123 UTC \(27\.0 s\), 27\.5 s recorded$/m);
      assert.deepEqual([code, note], [0, ""]);
      assert.doesNotMatch((await stats({ format, report })).data, /matched/);
    }
  }
  const rows = JSON.parse((await stats({ ...part, report: "interfaces" })).data);
  const summary = JSON.parse((await stats({ ...part, report: "summary" })).data);
  assert.deepEqual([summary.matched_packets, summary.recorded_packets], [8, 36]);
  assert.equal(JSON.parse((await stats({ report: "summary" })).data).matched_packets, undefined);
  assert.deepEqual(rows.map((row: Record<string, unknown>) => [row.direction, row.packet_count]), [
    ["ingress", 8],
  ]);
});

Deno.test("runStats() says that no packet matched, and when was recorded, and ends with 0", async () => {
  const text = "matched 0 of 36 packets; recorded: 2026-11-23 13:54:00.000 to 13:54:30.500 UTC";
  const parts: Partial<Selection>[] = [
    { to: parseWrittenTime("2026-11-22") },
    { from: parseWrittenTime("2026-11-24") },
    { from: parseWrittenTime("13:54:10"), to: parseWrittenTime("13:54:20") },
    { where: "ttl = 1" },
  ];
  for (const part of parts) {
    const json = await stats(selecting(part));
    assert.deepEqual([json.code, json.data], [0, "[]\n"]);
    assert(json.note.startsWith(`${text}\n`), json.note);
    const summary = await stats({ ...selecting(part), report: "summary" });
    const { packet_count, capture_complete, file_count } = JSON.parse(summary.data);
    assert.deepEqual([packet_count, capture_complete], [0, file_count === 0 ? null : true]);
    assert(summary.note.startsWith(`${text}\n`), summary.note);
    const table = await stats({ ...selecting(part), format: "table" });
    assert(table.data.includes(`\n${text}\n`), table.data);
  }
  // Rows of a report can be missing although packets matched.
  const arp = await stats({ ...selecting({ where: "protocol = 'ARP'" }), report: "top" });
  assert.match(arp.note, /^matched 2 of 36 packets\n/);
});

Deno.test("runStats() says that loss is that of the whole recording, but of an interface where it is known", async () => {
  const files = [fixturePath("lossy")];
  const line = async (part: Partial<Selection>) => {
    const { data } = await stats({ files, ...selecting(part), format: "table" });
    return data.trimEnd().split("\n").at(-1);
  };
  const whole = "lost 1,234 of 5,000,000 packets (0.02 %), ring full, in the whole recording";
  assert.equal(await line({ where: "ttl = 64" }), whole);
  assert.equal(await line({ to: parseWrittenTime("+10s") }), whole);
  const ingress = await line({ direction: "in" });
  assert.match(ingress!, /^lost 1,234 of 2,500,617 packets \(0\.05 %\)/);
  assert.equal(await line({ direction: "out" }), "capture complete");
});
