import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { tableFromIPC } from "apache-arrow";
import type { ConvertOptions } from "../../../src/cli/convert_options.ts";
import { runConvert } from "../../../src/commands/convert/run_convert.ts";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { type ColumnName, COLUMNS } from "../../../src/contract/columns.ts";
import { parseWrittenTime } from "../../../src/core/written_time.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import { EVERYTHING, type Selection } from "../../../src/query/selection.ts";
import { OutputFile } from "../../../src/sinks/output/output_file.ts";
import { columnValues, type FixturePacket, mixedPackets } from "../../support/fixture_packets.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import {
  metadataOf,
  recordingMetadata,
  writeParquet,
  writeRecording,
} from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";
import { footerOf, query, readWithDuckDb, readWithHyparquet } from "../sinks/readers.ts";

/** Converts into a file. */
async function convert(
  output: string,
  files: readonly string[],
  options: Partial<Omit<ConvertOptions, "files" | "output" | "selection">> & {
    readonly selection?: Partial<Selection>;
  } = {},
): Promise<{ code: number; said: string }> {
  let said = "";
  const { selection, ...others } = options;
  using file = OutputFile.prepare(output, { noClobber: false, force: others.force ?? false });
  const code = await runConvert(
    {
      format: "parquet",
      force: false,
      quiet: false,
      ...others,
      files,
      output,
      selection: { ...EVERYTHING, ...selection },
    },
    file,
    (text) => said += text,
  );
  return { code, said };
}

/** Rows as the file must have them. */
function rowsOf(packets: readonly FixturePacket[]): Record<string, unknown>[] {
  return packets.map((packet) => {
    const values = columnValues(packet);
    return Object.fromEntries(COLUMNS.map(({ name }, index) => [name, values[index]]));
  });
}

function metadata(path: string): Record<string, string> {
  const pairs = footerOf(path).key_value_metadata ?? [];
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value ?? ""]));
}

function counters(path: string) {
  return JSON.parse(metadata(path)[FILE_METADATA_KEY.counters]!);
}

async function mismatch(path: string) {
  using recordings = await Recordings.open([path]);
  return await recordings.contentMismatch();
}

const seconds = (text: string) => parseWrittenTime(text);

Deno.test("runConvert() writes a recording that two other readers read as what was selected", async () => {
  using directory = TempDirectory.create();
  const output = directory.file("tcp.parquet");
  const { code, said } = await convert(output, [fixturePath("complete")], {
    selection: { where: "protocol = 'TCP'" },
  });
  assert.deepEqual([code, said.replace(/\d+\.\d+ KiB/, "x")], [
    0,
    `"${output}": 25 of 36 packets, x\n`,
  ]);
  const expected = rowsOf(mixedPackets().filter(({ protocol }) => protocol === "TCP"));
  assert.deepEqual(await readWithDuckDb(output), expected);
  assert.deepEqual(await readWithHyparquet(output), expected);
  assert.equal(Deno.statSync(output).mode! & 0o777, 0o600);
  assert.deepEqual(directory.list(), ["tcp.parquet"]);
  const [{ schema: columns }] = [footerOf(output)];
  assert.deepEqual(columns.slice(1).map(({ name }) => name), COLUMNS.map(({ name }) => name));
});

Deno.test("runConvert() keeps what a recording says of itself, and counts what is left out as filtered", async () => {
  using directory = TempDirectory.create();
  const output = directory.file("part.parquet");
  const { said } = await convert(output, [fixturePath("lossy")], {
    selection: { where: "destination_port = 80" },
  });
  assert.match(said, /lost 1,234 of 5,000,000 packets/);
  const before = metadata(fixturePath("lossy"));
  const after = metadata(output);
  for (
    const key of ["host", "started", "ended", "durationSeconds", "sampleRate", "filter"] as const
  ) {
    assert.equal(after[FILE_METADATA_KEY[key]], before[FILE_METADATA_KEY[key]], key);
  }
  const rows = mixedPackets().filter(({ destination_port }) => destination_port === 80);
  const bytes = rows.reduce((sum, { packet_length }) => sum + Number(packet_length), 0);
  assert.deepEqual(counters(output), {
    packets_seen: 5_000_000,
    packets_captured: rows.length,
    packets_dropped: 1234,
    drops: { ring_full: 1234 },
    packets_sampled_out: 0,
    packets_filtered: 5_000_000 - 1234 - rows.length,
    bytes_captured: bytes,
  });
  const [ingress, egress] = JSON.parse(after[FILE_METADATA_KEY.attachments]!);
  assert.deepEqual(
    [ingress.slot, ingress.counters.packets_captured, ingress.counters.packets_dropped],
    [0, rows.length, 1234],
  );
  assert.deepEqual([egress.slot, egress.counters.packets_captured, egress.hook], [1, 0, "tcx"]);
  assert.deepEqual(JSON.parse(after[FILE_METADATA_KEY.selection]!), {
    files: ["lossy.parquet"],
    where: "destination_port = 80",
  });
  assert.equal(await mismatch(output), null);
});

Deno.test("runConvert() joins recordings in the order of their times, wherever they overlap", async () => {
  using directory = TempDirectory.create();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat(35), { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
      async (chosen) => {
        const all = mixedPackets();
        const parts = chosen.map((indexes) =>
          indexes.sort((a, b) => a - b).map((one) => all[one]!)
        );
        const paths = parts.map((_, index) => directory.file(`${index}.parquet`));
        for (const [index, packets] of parts.entries()) {
          await writeRecording(paths[index]!, packets, metadataOf(packets, 10, { ring_full: 3 }));
        }
        const output = directory.file("all.parquet");
        const { code } = await convert(output, paths);
        assert.equal(code, 0);
        const time = ({ timestamp }: Record<string, unknown>) => timestamp as bigint;
        const rows = await readWithDuckDb(output);
        const expected = rowsOf(parts.flat());
        assert.deepEqual(
          rows.map(time),
          expected.map(time).sort((a, b) => a < b ? -1 : a > b ? 1 : 0),
        );
        const text = (row: unknown) =>
          JSON.stringify(row, (_, value) => typeof value === "bigint" ? String(value) : value);
        assert.deepEqual(rows.map(text).sort(), expected.map(text).sort());
        const sum = counters(output);
        assert.deepEqual(
          [sum.packets_seen, sum.packets_captured, sum.packets_dropped],
          [expected.length + 10 * parts.length, expected.length, 3 * parts.length],
        );
        assert.equal(
          sum.packets_captured + sum.packets_dropped + sum.packets_filtered +
            sum.packets_sampled_out,
          sum.packets_seen,
        );
        assert.equal(await mismatch(output), null);
        const attachments = JSON.parse(metadata(output)[FILE_METADATA_KEY.attachments]!);
        assert.equal(attachments.length, 2);
        assert.equal(
          attachments.reduce(
            (n: number, one: { counters: { packets_captured: number } }) =>
              n + one.counters.packets_captured,
            0,
          ),
          expected.length,
        );
        Deno.removeSync(output);
      },
    ),
    { numRuns: 15 },
  );
});

/** More different values than go into a dictionary, with differences of 33 bits, and rows without one. */
const SEQUENCES = 90_000;

Deno.test("runConvert() writes sequence numbers that other readers than DuckDB can read", async () => {
  using directory = TempDirectory.create();
  const isTcp = "i % 7 <> 3";
  const values: Partial<Record<ColumnName, string>> = {
    timestamp: "make_timestamp_ns(1795442040000000000 + i)",
    direction: "'ingress'",
    interface: "'eth0'",
    packet_length: "60",
    segments: "1",
    protocol: `CASE WHEN ${isTcp} THEN 'TCP' ELSE 'ARP' END`,
    destination_ip: `CASE WHEN ${isTcp} THEN '10.0.0.' || i % 5 END`,
    tcp_sequence: `CASE WHEN ${isTcp} THEN CASE i % 2 WHEN 0 THEN i ELSE 4294967295 - i END END`,
  };
  const columns = COLUMNS.map(({ name, type }) =>
    `(${values[name] ?? "NULL"})::${type} AS ${name}`
  );
  const source = directory.file("a.parquet");
  const range = `range(${SEQUENCES}) AS rows(i)`;
  await writeParquet(source, `SELECT ${columns.join(", ")} FROM ${range}`, {});
  const output = directory.file("b.parquet");
  await convert(output, [source]);
  const rows = await parquetReadObjects({
    file: Deno.readFileSync(output).buffer,
    compressors,
    columns: ["tcp_sequence", "tcp_acknowledgment"],
  });
  const wrong = rows.findIndex(({ tcp_sequence, tcp_acknowledgment }, i) => {
    const expected = i % 7 === 3 ? null : i % 2 === 0 ? i : 4_294_967_295 - i;
    return tcp_sequence !== expected || tcp_acknowledgment !== null;
  });
  assert.deepEqual([rows.length, wrong], [SEQUENCES, -1]);
  const { row_groups } = footerOf(output);
  const chunk = row_groups[0]!.columns.find(({ meta_data }) =>
    meta_data?.path_in_schema[0] === "tcp_sequence"
  );
  // As `sequence_chunk.ts` writes them; hyparquet reads DuckDB's 33 bits too, which others cannot.
  assert.deepEqual(chunk!.meta_data!.encodings, ["DELTA_BINARY_PACKED", "RLE"]);
  const same = `SELECT count(*) AS n FROM (SELECT * FROM read_parquet(?) EXCEPT ALL
    SELECT * FROM read_parquet('${source}'))`;
  assert.deepEqual(await query(same, output), [{ n: 0n }]);
  const filters = "SELECT count(bloom_filter_offset) > 3 AS n FROM parquet_metadata(?)";
  assert.deepEqual(await query(filters, output), [{ n: true }]);
  // A Bloom filter that is not where it should be would hide rows.
  const ones = rows.filter((_, i) => i % 7 !== 3 && i % 5 === 1).length;
  for (const [value, count] of [["10.0.0.1", BigInt(ones)], ["10.0.0.9", 0n]] as const) {
    const sql = `SELECT count(*) AS n FROM read_parquet(?) WHERE destination_ip = '${value}'`;
    assert.deepEqual(await query(sql, output), [{ n: count }]);
  }
});

Deno.test("runConvert() clips the recorded time to the selected", async () => {
  using directory = TempDirectory.create();
  const output = directory.file("part.parquet");
  await convert(output, [fixturePath("complete")], {
    selection: { from: seconds("13:54:02"), to: seconds("13:54:05") },
  });
  const after = metadata(output);
  assert.equal(after[FILE_METADATA_KEY.started], "2026-11-23T13:54:02.000000000Z");
  assert.equal(after[FILE_METADATA_KEY.ended], "2026-11-23T13:54:05.000000000Z");
  assert.equal(after[FILE_METADATA_KEY.durationSeconds], "3");
  using recordings = await Recordings.open([output]);
  assert.equal(recordings.recordedSeconds, 3);
});

Deno.test("runConvert() narrows a recording to the interfaces and directions that are selected", async () => {
  using directory = TempDirectory.create();
  const output = directory.file("in.parquet");
  await convert(output, [fixturePath("lossy")], { selection: { direction: "out" } });
  const [only, ...more] = JSON.parse(metadata(output)[FILE_METADATA_KEY.attachments]!);
  assert.deepEqual([only.direction, more.length], ["egress", 0]);
  // All that was lost was lost on the way in.
  assert.equal(counters(output).packets_dropped, 0);
  assert.equal(counters(output).packets_seen, only.counters.packets_seen);
  assert.equal(await mismatch(output), null);
});

Deno.test("runConvert() counts rows that an input has lost as lost, and says so", async () => {
  using directory = TempDirectory.create();
  const source = directory.file("short.parquet");
  const packets = mixedPackets();
  await writeRecording(source, packets.slice(0, 18), metadataOf(packets));
  const output = directory.file("copy.parquet");
  const { said } = await convert(output, [source]);
  assert.match(said, /short\.parquet" was changed or is damaged: it has 18 packets/);
  const { packets_captured, packets_dropped, drops } = counters(output);
  assert.deepEqual([packets_captured, packets_dropped, drops], [18, 18, { missing_rows: 18 }]);
  assert.equal(await mismatch(output), null);
});

Deno.test("runConvert() does not claim to know what an input does not say", async () => {
  using directory = TempDirectory.create();
  const source = directory.file("plain.parquet");
  await writeRecording(source, mixedPackets(), {});
  const output = directory.file("copy.parquet");
  const { said } = await convert(output, [source, fixturePath("complete")]);
  assert.match(said, /loss unknown for 1 of 2 files/);
  const after = metadata(output);
  assert.equal(after[FILE_METADATA_KEY.counters], undefined);
  assert.equal(after[FILE_METADATA_KEY.started], undefined);
  using recordings = await Recordings.open([output]);
  assert.equal(recordings.completeness.filesUnknown, 1);
});

Deno.test("runConvert() refuses recordings of different sampling rates, and takes one that is sampled", async () => {
  using directory = TempDirectory.create();
  const sampled = directory.file("sampled.parquet");
  const packets = mixedPackets();
  await writeRecording(sampled, packets, {
    ...recordingMetadata(36),
    [FILE_METADATA_KEY.sampleRate]: "10",
  });
  const output = directory.file("out.parquet");
  await assert.rejects(convert(output, [sampled, fixturePath("complete")]), {
    name: "RunError",
    message: "Cannot join recordings of different sampling rates: 1 packet in 1, 10",
  });
  assert.deepEqual(directory.list(), ["sampled.parquet"]);
  await convert(output, [sampled]);
  using recordings = await Recordings.open([output]);
  assert.equal((await recordings.overview()).packets, 360n);
});

Deno.test("runConvert() converts what it made, and keeps what was selected before", async () => {
  using directory = TempDirectory.create();
  const [first, second] = [directory.file("a.parquet"), directory.file("b.parquet")];
  await convert(first, [fixturePath("lossy")], { selection: { where: "ip_version = 4" } });
  await convert(second, [first], { selection: { where: "protocol = 'TCP'" } });
  assert.deepEqual(JSON.parse(metadata(second)[FILE_METADATA_KEY.selection]!), {
    files: ["a.parquet"],
    where: "protocol = 'TCP'",
    of: [{ files: ["lossy.parquet"], where: "ip_version = 4" }],
  });
  const { packets_seen, packets_captured, packets_dropped } = counters(second);
  assert.deepEqual([packets_seen, packets_captured, packets_dropped], [5_000_000, 20, 1234]);
});

Deno.test("runConvert() makes a recording without packets of a selection that has none", async () => {
  using directory = TempDirectory.create();
  const output = directory.file("none.parquet");
  for (const selection of [{ where: "false" }, { from: seconds("2030-01-01") }]) {
    const { code, said } = await convert(output, [fixturePath("lossy")], { selection });
    assert.equal(code, 0);
    assert.match(
      said,
      /none\.parquet": 0 of 36 packets.*\nmatched 0 of 36 packets; recorded: 2026-11-23 13:54:00/,
    );
    using recordings = await Recordings.open([output]);
    assert.equal((await recordings.overview()).packets, 0n);
    assert.equal(await recordings.contentMismatch(), null);
  }
});

Deno.test("runConvert() writes the Arrow stream that becomes the same recording again", async () => {
  using directory = TempDirectory.create();
  const [arrow, back] = [directory.file("a.arrow"), directory.file("b.parquet")];
  const selection = { where: "packet_length > 60" };
  await convert(arrow, [fixturePath("lossy")], { format: "arrow", selection });
  const expected = rowsOf(mixedPackets().filter(({ packet_length }) => Number(packet_length) > 60));
  const table = tableFromIPC(Deno.readFileSync(arrow));
  assert.deepEqual(
    table.getChild("source_ip")!.toJSON(),
    expected.map(({ source_ip }) => source_ip),
  );
  assert.equal(table.schema.fields.find(({ name }) => name === "packet_length")!.nullable, false);
  await convert(back, [arrow]);
  assert.deepEqual(await readWithDuckDb(back), expected);
  const { packets_filtered, packets_dropped } = counters(back);
  assert.deepEqual([packets_filtered, packets_dropped], [5_000_000 - 1234 - expected.length, 1234]);
});

Deno.test("runConvert() writes CSV and NDJSON with all columns and exact times", async () => {
  using directory = TempDirectory.create();
  const packets = [...mixedPackets(), {
    ...mixedPackets()[0]!,
    timestamp: -1n,
    interface: 'a"b,c\\d',
  }].sort((a, b) => a.timestamp < b.timestamp ? -1 : 1);
  const source = directory.file("a.parquet");
  await writeRecording(source, packets, {});
  const [csv, json] = [directory.file("a.csv"), directory.file("a.ndjson")];
  await convert(csv, [source], { format: "csv" });
  await convert(json, [source], { format: "ndjson" });
  const iso = (ns: bigint) => {
    const fraction = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    const date = new Date(Number((ns - fraction) / 1_000_000n)).toISOString();
    return `${date.slice(0, 19)}.${String(fraction).padStart(9, "0")}Z`;
  };
  const expected = rowsOf(packets).map((row) => ({
    ...row,
    timestamp: iso(row.timestamp as bigint),
  }));
  const lines = Deno.readTextFileSync(json).trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => JSON.parse(line)), expected);
  const sql =
    "SELECT * FROM read_csv(?, delim = ',', quote = '\"', escape = '\"', header = true, all_varchar = true, nullstr = '')";
  const text = (value: unknown) => value === null ? null : String(value);
  assert.deepEqual(
    await query(sql, csv),
    expected.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, text(value)]))
    ),
  );
});

Deno.test("runConvert() writes no text of a hostile file", async () => {
  using directory = TempDirectory.create();
  const output = directory.file("a.csv");
  await convert(output, [fixturePath("hostile")], { format: "csv" });
  const text = Deno.readTextFileSync(output);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\uffff]/);
  assert.equal(text.split("\n").length, 7);
  assert.match(text, /invalid/);
});

Deno.test("runConvert() leaves out what it cannot read of a directory, and ends with 1", async () => {
  using directory = TempDirectory.create();
  Deno.copyFileSync(fixturePath("complete"), directory.file("a.parquet"));
  Deno.writeTextFileSync(directory.file("b.parquet"), "");
  const { code, said } = await convert(join(directory.path, "all.ndjson"), [directory.path], {
    format: "ndjson",
  });
  assert.equal(code, 1);
  assert.match(
    said,
    /b\.parquet": the file is empty\n[^]*all\.ndjson": 36 packets[^]*1 file is not/,
  );
});

Deno.test("runConvert() leaves everything as it was when an input or the output stands in the way", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  Deno.copyFileSync(fixturePath("complete"), path);
  Deno.symlinkSync("a.parquet", directory.file("link.parquet"));
  for (const output of [path, directory.file("link.parquet")]) {
    await assert.rejects(convert(output, [path]), {
      message: `Cannot write "${output}": it is one of the inputs`,
    });
  }
  Deno.writeTextFileSync(directory.file("x.csv"), "mine");
  await assert.rejects(
    convert(directory.file("x.csv"), [path], { format: "csv" }),
    /it exists and is not a recording/,
  );
  await convert(directory.file("x.csv"), [path], { format: "csv", force: true });
  await assert.rejects(
    convert(directory.file("y.parquet"), [path, directory.file("none.parquet")]),
    /no such file/,
  );
  await assert.rejects(
    convert(directory.file("y.parquet"), [path], { selection: { where: "nothing = 1" } }),
    /nothing/,
  );
  assert.deepEqual(directory.list(), ["a.parquet", "link.parquet", "x.csv"]);
  assert.deepEqual(Deno.readFileSync(path), Deno.readFileSync(fixturePath("complete")));
});

Deno.test("runConvert() does not publish a copy of a file that was written to meanwhile", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  Deno.copyFileSync(fixturePath("complete"), path);
  const copy = Recordings.prototype.copy;
  Recordings.prototype.copy = function () {
    Deno.utimeSync(path, 1, 1);
    return copy.call(this);
  };
  try {
    await assert.rejects(
      convert(directory.file("b.parquet"), [path]),
      { message: `Cannot read "${path}": it was changed while it was read` },
    );
  } finally {
    Recordings.prototype.copy = copy;
  }
  assert.deepEqual(directory.list(), ["a.parquet"]);
});
