/** Files that somebody made to do harm, or that were damaged in a way that the format does not notice. */
import assert from "node:assert/strict";
import { Recordings } from "../../../src/query/recordings.ts";
import { QuerySession, type Row } from "../../../src/query/session.ts";
import { findReport } from "../../../src/reports/all.ts";
import { reportQuery } from "../../../src/reports/answer.ts";
import type { TableReport } from "../../../src/reports/report.ts";
import { mixedPackets } from "../../support/fixture_packets.ts";
import { type EditedFooter, withFooter } from "../../support/footer_edit.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { recordingMetadata, writeParquet, writeRecording } from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** What is said about the fixture with another footer. */
async function refusal(edit: (footer: EditedFooter) => void): Promise<string> {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  Deno.writeFileSync(path, withFooter(Deno.readFileSync(fixturePath("complete")), edit));
  try {
    using recordings = await Recordings.open([path]);
    return `read, ${(await recordings.overview()).packets} packets`;
  } catch (error) {
    assert.ok(error instanceof Error && error.name === "RunError", String(error));
    return error.message.replace(path, "a.parquet");
  }
}

async function ask(path: string, sql: string): Promise<Row[]> {
  using recordings = await Recordings.open([path]);
  return (await Array.fromAsync(recordings.rows({ sql, parameters: {} }))).flat();
}

Deno.test("Recordings.open() reads a footer that was only written again", async () => {
  assert.equal(await refusal(() => {}), "read, 36 packets");
});

Deno.test("Recordings.open() refuses a row group that is described many times", async () => {
  for (const times of [2, 1000]) {
    const message = await refusal((footer) => {
      footer.rowGroups = Array(times).fill(footer.rowGroups[0]!);
      footer.rows *= BigInt(times);
    });
    const reason = "the file is damaged: the data of its columns overlaps";
    assert.equal(message, `Cannot read "a.parquet": ${reason}`, String(times));
  }
});

Deno.test("Recordings.open() refuses more row groups than the format can number", async () => {
  const message = await refusal((footer) => {
    footer.rowGroups = Array(32_768).fill({ field_1: [], field_2: 0n, field_3: 0n });
    footer.rows = 0n;
  });
  const reason = "the file is damaged: it has more than 32767 row groups";
  assert.equal(message, `Cannot read "a.parquet": ${reason}`);
});

Deno.test("Recordings.open() refuses a number of rows that its row groups do not have", async () => {
  const message = await refusal((footer) => footer.rows = 18n);
  assert.match(message, /: its row groups have other rows than its footer says$/);
});

Deno.test("Recordings.open() refuses data outside of the file", async () => {
  const message = await refusal((footer) => {
    const [group] = footer.rowGroups;
    const [column, ...others] = group!.field_1 as { field_3: object }[];
    const moved = { ...column, field_3: { ...column!.field_3, field_7: 2n ** 40n } };
    footer.rowGroups = [{ ...group, field_1: [moved, ...others] } as typeof group & object];
  });
  assert.match(message, /: a column lies outside of the file's data$/);
});

Deno.test("Recordings.open() refuses values that are too long for a recording", async () => {
  const message = await refusal((footer) => {
    const [group] = footer.rowGroups;
    const columns = group!.field_1 as { field_3: object }[];
    const wide = columns.map((column, index) =>
      index === 10 ? { ...column, field_3: { ...column.field_3, field_6: 2n ** 30n } } : column
    );
    footer.rowGroups = [{ ...group, field_1: wide } as typeof group & object];
  });
  assert.equal(
    message,
    'Cannot read "a.parquet": the values of its column "source_ip" are too long for a recording',
  );
});

Deno.test("Recordings.open() refuses columns that are there twice, or differ by case only", async () => {
  for (
    const [name, what] of [
      ["packet_length", 'column "packet_length" twice'],
      ["Packet_Length", 'columns "packet_length" and "Packet_Length"'],
    ] as const
  ) {
    const message = await refusal((footer) => {
      footer.schema = footer.schema.map((element, index) =>
        index === 5 ? { ...element, field_4: new TextEncoder().encode(name) } : element
      );
      const original = footer.schema[4]!;
      assert.equal(new TextDecoder().decode(original.field_4 as Uint8Array), "packet_length");
    });
    // "segments" got the other name, so that it is missing as well; which is said first is no matter.
    assert.match(message, /its columns are not a recording's/, what);
  }
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  await writeParquet(
    path,
    `SELECT *, 1000000::UINTEGER AS extra FROM read_parquet('${fixturePath("complete")}')`,
  );
  for (const [name, what] of [["packet_length", "twice"], ["PACKET_LENGTH", "PACKET_LENGTH"]]) {
    const twice = directory.file("b.parquet");
    const bytes = withFooter(Deno.readFileSync(path), (footer) => {
      const last = footer.schema.length - 1;
      footer.schema[last] = {
        ...footer.schema[last],
        field_4: new TextEncoder().encode(name),
      };
    });
    Deno.writeFileSync(twice, bytes);
    await assert.rejects(Recordings.open([twice]), { name: "RunError", message: RegExp(what!) });
  }
});

Deno.test("the view packets has no text but those of the schema", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  const [packet] = mixedPackets();
  const long = "x".repeat(3000);
  const cases: [column: string, text: string, shown: string][] = [
    ["direction", "ingress", "ingress"],
    ["direction", "egress", "egress"],
    ["direction", "ingress\n", "invalid"],
    ["direction", "Ingress", "invalid"],
    ["direction", "", "invalid"],
    ["interface", "a".repeat(63), "a".repeat(63)],
    ["interface", "a".repeat(64), "invalid"],
    ["interface", "\\Device\\NPF_{0A1B-2C}", "\\Device\\NPF_{0A1B-2C}"],
    ["interface", "wlan-büro.7@if", "wlan-büro.7@if"],
    ["interface", `a${"ü".repeat(31)}`, `a${"ü".repeat(31)}`],
    ["interface", `aa${"ü".repeat(31)}`, "invalid"],
    ["interface", "=1+1", "invalid"],
    ["interface", "e\u0301\u0301\u0301", "invalid"],
    ["interface", "\u05d0\u05d1", "invalid"],
    ["interface", "a\u202eb", "invalid"],
    ["interface", long, "invalid"],
    ["protocol", "ETH-0x0800", "ETH-0x0800"],
    ["protocol", "a.+/_-9", "a.+/_-9"],
    ["protocol", "x".repeat(32), "x".repeat(32)],
    ["protocol", "x".repeat(33), "invalid"],
    ["protocol", "=cmd|' /C calc'!A0", "invalid"],
    ["protocol", "TCP\n", "invalid"],
    ["source_ip", "10.0.0.1", "10.0.0.1"],
    ["source_ip", "::ffff:10.0.0.1", "::ffff:10.0.0.1"],
    ["source_ip", "fe80::1", "fe80::1"],
    ["source_ip", "1".repeat(45), "1".repeat(45)],
    ["source_ip", "1".repeat(46), "invalid"],
    ["source_ip", long, "invalid"],
    ["source_mac", "aa:bb:cc:dd:ee:ff", "aa:bb:cc:dd:ee:ff"],
    ["destination_mac", long, "invalid"],
  ];
  const packets = cases.map(([column, text], index) => {
    return { ...packet!, timestamp: BigInt(index), [column]: text };
  });
  // Enough of them to have a dictionary as well.
  await writeRecording(path, [...packets, ...packets, ...packets], {});
  const names = [...new Set(cases.map(([column]) => column))];
  const rows = await ask(
    path,
    `SELECT DISTINCT epoch_ns(timestamp), ${names.join(", ")} FROM packets ORDER BY 1`,
  );
  assert.equal(rows.length, cases.length);
  for (const [index, [column, text, shown]] of cases.entries()) {
    assert.equal(rows[index]![1 + names.indexOf(column)], shown, `${column} ${text.slice(0, 50)}`);
  }
  const without = directory.file("b.parquet");
  const { source_ip: _, protocol: __, ...rest } = packet!;
  await writeRecording(without, [rest], {});
  assert.deepEqual(await ask(without, "SELECT source_ip, protocol FROM packets"), [[null, null]]);
});

Deno.test("reportQuery() prints no address but those of an address's letters", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  const [packet] = mixedPackets();
  const good = ["10.0.0.1", "::ffff:10.0.0.1", "fe80::1", "::", "1".repeat(45)];
  const bad = ["=1+1", "@SUM(1)", "-1", "+1", "1\u0301", "", "1\u202e2", "1\t2", "1".repeat(46)];
  const packets = [...good, ...bad].map((text) => ({ ...packet!, source_ip: text }));
  await writeRecording(path, packets, {});
  using recordings = await Recordings.open([path]);
  for (const [name, column] of [["top", 1], ["flows", 1]] as const) {
    const query = reportQuery(findReport(name) as TableReport, 0, false);
    const rows = (await Array.fromAsync(recordings.rows(query))).flat();
    const shown = new Set(rows.map((row) => row[column]));
    assert.deepEqual(shown, new Set([...good, "invalid"]), name);
  }
});

Deno.test("completeness() takes little time for any number of causes", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  const drops = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`c${index}`, 1]));
  await writeRecording(path, mixedPackets(), recordingMetadata(100_036, drops));
  using recordings = await Recordings.open([path]);
  assert.equal(recordings.completeness.filesUnknown, 1);
});

Deno.test("Recordings.open() asks DuckDB as little for many files as for one", async () => {
  using directory = TempDirectory.create();
  for (let index = 0; index < 50; index++) {
    Deno.copyFileSync(fixturePath("complete"), directory.file(`${index}.parquet`));
  }
  const { stream, execute } = QuerySession.prototype;
  let statements = 0;
  QuerySession.prototype.stream = function (...parameters) {
    statements++;
    return stream.apply(this, parameters);
  };
  QuerySession.prototype.execute = function (texts) {
    statements += texts.length;
    return execute.call(this, texts);
  };
  const count = async (path: string) => {
    statements = 0;
    using recordings = await Recordings.open([path]);
    assert.equal((await recordings.overview()).packets, 36n * BigInt(recordings.fileCount));
    return statements;
  };
  try {
    assert.equal(await count(directory.path), await count(fixturePath("complete")));
  } finally {
    Object.assign(QuerySession.prototype, { stream, execute });
  }
});
