/** `convert` as a user runs it: what it writes, what the result still knows, and what is left if it fails. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { tableFromIPC } from "apache-arrow";
import { FILE_METADATA_KEY } from "../../src/contract/file_metadata.ts";
import { BackgroundProcess } from "../support/child_process.ts";
import { type FixturePacket, mixedPackets } from "../support/fixture_packets.ts";
import { inspector, runInspector } from "../support/inspector_cli.ts";
import { writeManyPackets } from "../support/many_packets.ts";
import { metadataOf, writeRecording } from "../support/parquet_fixture.ts";
import { fileMetadata, query, readRowsWithHyparquet } from "../support/parquet_rows.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const LIMIT_MS = 60_000;

/** Runs `convert`, which must do it. */
async function convert(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const result = await runInspector(["convert", ...args]);
  equal(result.code, 0, `${args.join(" ")}: ${result.stderr}`);
  return result;
}

/** What `stats` says of a file, as one line. */
async function statsOf(path: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runInspector(["stats", "traffic", "-f", path, ...args]);
  equal(code, 0, stderr);
  return stdout.replace(/\s+/g, " ");
}

Deno.test("convert writes standard output as it writes a file, in the order of the times", async () => {
  using directory = TempDirectory.create();
  const source = directory.file("many.parquet");
  // Three row groups: several threads read them.
  const count = 250_000;
  await writeManyPackets(source, count);
  for (const format of ["csv", "arrow"]) {
    const output = directory.file(`out.${format}`);
    await convert(source, "-o", output);
    const { stdout, success } = await new Deno.Command("/bin/sh", {
      args: ["-c", '"$@" | cmp - "$0"', output]
        .concat(inspector("convert", source, "-o", "-", "--format", format, "-q")),
      stderr: "inherit",
    }).output();
    ok(success, `${format} differs: ${new TextDecoder().decode(stdout)}`);
  }
  const times = Deno.readTextFileSync(directory.file("out.csv")).trimEnd().split("\n").slice(1)
    .map((line) => line.slice(0, 30));
  equal(times.length, count);
  ok(times.every((time, index) => index === 0 || times[index - 1]! < time), "not in order");
});

Deno.test("convert writes a selection in each format as other programs read it", async () => {
  using directory = TempDirectory.create();
  const source = directory.file("traffic.parquet");
  const packets = mixedPackets();
  await writeRecording(source, packets, metadataOf(packets, 2, { ring_full: 2 }));
  const selection = ["--where", "destination_port = 80", "-i", "eth0", "--from", "13:54:00"];
  const expected = packets.filter(({ destination_port }) => destination_port === 80)
    .map(({ source_ip, packet_length }) => [source_ip, packet_length]);
  equal(expected.length, 10);
  const read: Record<string, (path: string) => unknown[][] | Promise<unknown[][]>> = {
    parquet: async (path) => {
      const rows = await readRowsWithHyparquet(path);
      return rows.map(({ source_ip, packet_length }) => [source_ip, packet_length]);
    },
    arrow: (path) =>
      tableFromIPC(Deno.readFileSync(path)).toArray()
        .map(({ source_ip, packet_length }) => [source_ip, packet_length]),
    csv: async (path) => {
      const rows = await csvRows(path);
      return rows.map(({ source_ip, packet_length }) => [source_ip, Number(packet_length)]);
    },
    ndjson: (path) =>
      Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => JSON.parse(line))
        .map(({ source_ip, packet_length }) => [source_ip, packet_length]),
  };
  for (const [ending, readRows] of Object.entries(read)) {
    const output = directory.file(`part.${ending}`);
    const { stderr } = await convert(source, ...selection, "-o", output);
    match(stderr, /part\.\w+": 10 of 36 packets, /);
    deepEqual(await readRows(output), expected, ending);
  }
  // Of what was selected the recordings among them tell, and so does what is made of those.
  for (const name of ["part.parquet", "part.arrow"]) {
    const again = directory.file(`again-${name}.parquet`);
    await convert(directory.file(name), "-o", again);
    const metadata = await fileMetadata(again);
    const note = JSON.parse(metadata.get(FILE_METADATA_KEY.selection)!);
    deepEqual(note, {
      files: [name],
      of: [{
        files: ["traffic.parquet"],
        from: "2026-11-23T13:54:00.000000000Z",
        interfaces: ["eth0"],
        where: "destination_port = 80",
      }],
    });
    match(await statsOf(again), /lost 2 of \d+ packets .*, ring full/);
  }
});

Deno.test("convert remembers files that were missing between others, and times that were recorded twice", async () => {
  using directory = TempDirectory.create();
  for (const number of [1, 2, 3, 4]) {
    await writeRecording(directory.file(`${number}.parquet`), partOf(number), seriesOf(number));
  }
  const output = (name: string) => directory.file(`${name}.out`);
  const files = (...numbers: number[]) => numbers.map((one) => directory.file(`${one}.parquet`));
  const joined = async (name: string, ...inputs: string[]) => {
    await convert(...inputs, "-o", output(name), "--format", "parquet");
    return output(name);
  };
  const whole = await statsOf(await joined("whole", ...files(1, 2, 3, 4)));
  match(whole, /capture complete/);
  ok(!/missing|more than once|does not follow/.test(whole), whole);

  const missing = /file 3 of a recording is missing, with 9 packets/;
  const gap = await joined("gap", ...files(1, 2, 4));
  match(await statsOf(gap), missing);
  // A part of the result, and the result of a result, know it too.
  const narrow = directory.file("narrow.out");
  await convert(gap, "-Q", "in", "-o", narrow, "--format", "parquet");
  match(await statsOf(narrow), missing);
  const summary = await runInspector(["stats", "--json", "-f", narrow]);
  equal(JSON.parse(summary.stdout).capture_complete, false);
  // What is left of one file is not that file.
  const part = directory.file("part.out");
  await convert(...files(3), "-Q", "in", "-o", part, "--format", "parquet");
  const beside = await statsOf(part);
  ok(!/of a recording/.test(beside), beside);
  equal((await fileMetadata(part)).get(FILE_METADATA_KEY.fileNumber), undefined);

  const other = directory.file("other.parquet");
  await writeRecording(other, partOf(2), timesOf(2, metadataOf(partOf(2))));
  const twice = await joined("twice", ...files(1, 2), other);
  match(await statsOf(twice), /eth0 recorded by several files at one time: their packets count/);
});

for (const format of ["parquet", "arrow", "csv"] as const) {
  Deno.test(`convert leaves nothing of ${format} on a disk that is full`, async () => {
    using directory = TempDirectory.create();
    const source = directory.file("many.parquet");
    await writeManyPackets(source, 100_000);
    await using disk = await SmallDisk.mount(directory.file("disk"), "512k");
    const output = `${disk.path}/out.${format}`;
    const { code, stderr } = await runInspector(["convert", source, "-o", output]);
    equal(code, 1);
    equal(
      stderr.split("\n")[0],
      `xdp-inspector: Cannot write "${output}": no space left on device`,
    );
    deepEqual([...Deno.readDirSync(disk.path)], []);
  });
}

Deno.test("convert leaves nothing when a signal ends it, and says so", async () => {
  using directory = TempDirectory.create();
  const source = directory.file("many.parquet");
  await writeManyPackets(source, 1_000_000);
  Deno.mkdirSync(directory.file("out"));
  const output = `${directory.file("out")}/all.arrow`;
  const old = "an older recording";
  Deno.writeTextFileSync(output, old);
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const argv = inspector("convert", source, "-o", output, "--force");
    await using process = BackgroundProcess.start(argv);
    await process.until("rows on the disk", LIMIT_MS, () => writtenIn(directory.file("out")) > 0);
    process.signal(signal);
    const ended = await process.end(LIMIT_MS);
    equal(ended.code, code, ended.stderr);
    equal(ended.stderr, `xdp-inspector: Ended by ${signal}: output is not complete\n`);
    deepEqual([...Deno.readDirSync(directory.file("out"))].map(({ name }) => name), ["all.arrow"]);
    equal(Deno.readTextFileSync(output), old);
  }
});

/** Bytes in the hidden directories of a directory. */
function writtenIn(path: string): number {
  let bytes = 0;
  for (const { name, isDirectory } of Deno.readDirSync(path)) {
    if (!isDirectory) continue;
    try {
      for (const inner of Deno.readDirSync(`${path}/${name}`)) {
        bytes += Deno.statSync(`${path}/${name}/${inner.name}`).size;
      }
    } catch {
      // It went away meanwhile.
    }
  }
  return bytes;
}

/** Packets of one of four files that follow each other, nine in each. */
function partOf(number: number): FixturePacket[] {
  return mixedPackets().slice(9 * (number - 1), 9 * number);
}

/** Metadata of the same: ten seconds in each file. */
function seriesOf(number: number): Record<string, string> {
  return {
    ...timesOf(number, metadataOf(partOf(number))),
    [FILE_METADATA_KEY.recordingId]: "0f8fad5b-d9cb-469f-a165-70867728950e",
    [FILE_METADATA_KEY.fileNumber]: String(number),
    [FILE_METADATA_KEY.countersBefore]: JSON.stringify([
      { slot: 0, counters: { packets_captured: 9 * (number - 1) } },
    ]),
  };
}

function timesOf(number: number, metadata: Record<string, string>): Record<string, string> {
  const second = (count: number) => `2026-11-23T13:54:${String(count).padStart(2, "0")}.000000000Z`;
  return {
    ...metadata,
    [FILE_METADATA_KEY.started]: second(10 * (number - 1)),
    [FILE_METADATA_KEY.ended]: second(10 * number),
    [FILE_METADATA_KEY.durationSeconds]: "10",
  };
}

/** Rows of a CSV file, as DuckDB reads it. */
async function csvRows(path: string): Promise<Record<string, unknown>[]> {
  const some = path.replace(/[^/]+$/, "traffic.parquet");
  return await query(some, `SELECT * FROM read_csv('${path}')`);
}
