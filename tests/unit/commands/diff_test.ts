import assert from "node:assert/strict";
import fc from "fast-check";
import type { DiffOptions } from "../../../src/cli/diff_options.ts";
import { runDiff } from "../../../src/commands/diff/run_diff.ts";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import { EVERYTHING } from "../../../src/query/selection.ts";
import { parseMemoryLimit } from "../../../src/query/session_settings.ts";
import { differences } from "../../../src/reports/difference.ts";
import { type FixturePacket, mixedPackets } from "../../support/fixture_packets.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { metadataOf, writeRecording } from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";
import { called, refuses } from "../cli/parsing.ts";

async function diff(
  sides: readonly [string, string],
  options: Partial<DiffOptions> = {},
): Promise<{ code: number; data: string; note: string }> {
  let data = "";
  let note = "";
  const code = await runDiff(
    {
      sides,
      selection: EVERYTHING,
      by: null,
      limit: 10,
      format: "json",
      exitCode: false,
      output: null,
      force: false,
      timeoutMs: 0,
      ...options,
    },
    {
      data: (text) => data += text,
      note: (text) => note += text,
      screen: { width: null, colour: false },
    },
  );
  return { code, data, note };
}

const SECONDS = 30.5;

/** Bytes of each key, by plain counting. */
function bytesBy(packets: readonly FixturePacket[], keys: (packet: FixturePacket) => string[]) {
  const sums = new Map<string, number>();
  for (const packet of packets) {
    for (const key of new Set(keys(packet))) {
      sums.set(key, (sums.get(key) ?? 0) + Number(packet.packet_length));
    }
  }
  return sums;
}

const hosts = ({ source_ip: a, destination_ip: b }: FixturePacket) =>
  a === undefined ? [] : [String(a), String(b)];
const conversations = ({ source_ip: a, destination_ip: b }: FixturePacket) =>
  a === undefined ? [] : [[String(a), String(b)].sort().join(" - ")];

interface DiffRow {
  readonly kind: string;
  readonly key: string;
  readonly change: string;
  readonly bits_per_second_a: number;
  readonly bits_per_second_b: number;
  readonly share_a: number;
  readonly share_b: number;
}

Deno.test("runDiff() finds what plain counting finds, whatever packets either side has", async () => {
  using directory = TempDirectory.create();
  const all = mixedPackets();
  const [pathA, pathB] = [directory.file("a.parquet"), directory.file("b.parquet")];
  const chosen = fc.array(fc.nat(all.length - 1), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(chosen, chosen, async (one, other) => {
      const [a, b] = [one, other].map((indexes) => indexes.map((index) => all[index]!));
      await writeRecording(pathA, a!, metadataOf(a!));
      await writeRecording(pathB, b!, metadataOf(b!));
      const { data, code } = await diff([pathA, pathB], { limit: 0 });
      assert.equal(code, 0);
      const rows = JSON.parse(data) as DiffRow[];
      for (const [kind, keys] of [["host", hosts], ["conversation", conversations]] as const) {
        const [before, after] = [bytesBy(a!, keys), bytesBy(b!, keys)];
        const found = rows.filter((row) => row.kind === kind);
        assert.deepEqual(
          found.map(({ key }) => key).sort(),
          [...new Set([...before.keys(), ...after.keys()])].sort(),
        );
        const [totalA, totalB] = [a!, b!].map((side) =>
          side.reduce((sum, { packet_length }) => sum + Number(packet_length), 0)
        );
        for (const row of found) {
          const [old, now] = [before.get(row.key), after.get(row.key)];
          const change = old === undefined
            ? "new"
            : now === undefined
            ? "gone"
            : Math.abs(now - old) <= Math.max(now, old) / 1000
            ? "same"
            : now > old
            ? "more"
            : "less";
          assert.equal(row.change, change, row.key);
          assert.equal(row.bits_per_second_a, (old ?? 0) * 8 / SECONDS);
          assert.equal(row.bits_per_second_b, (now ?? 0) * 8 / SECONDS);
          assert.equal(row.share_a, (old ?? 0) / totalA!);
          assert.equal(row.share_b, (now ?? 0) / totalB!);
        }
        const sizes = found.map((row) => Math.abs(row.bits_per_second_b - row.bits_per_second_a));
        assert.deepEqual(sizes, [...sizes].sort((x, y) => y - x));
      }
    }),
    { numRuns: 12 },
  );
});

Deno.test("differences() keeps the rows that changed most of any number, in one order", async () => {
  const key = fc.string({
    unit: fc.constantFrom("a", "b", "\u00e9", "\uffee", "\u{1f600}"),
    maxLength: 3,
  });
  const side = fc.dictionary(key, fc.nat(1000), { maxKeys: 300 });
  const order = (one: string, other: string) => {
    const encoder = new TextEncoder();
    const [x, y] = [encoder.encode(one), encoder.encode(other)];
    for (let index = 0; index < Math.min(x.length, y.length); index++) {
      if (x[index] !== y[index]) return x[index]! - y[index]!;
    }
    return x.length - y.length;
  };
  await fc.assert(fc.asyncProperty(side, side, fc.nat(20), async (a, b, limit) => {
    const sideOf = (values: Record<string, number>) => ({
      rows: batches(Object.keys(values).sort(order).map((name) => [name, BigInt(values[name]!)])),
      bytes: 1000n,
      seconds: 8,
    });
    const { rows, counts } = await differences("x", [sideOf(a), sideOf(b)], limit);
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    const size = (name: string) => Math.abs((b[name] ?? 0) - (a[name] ?? 0));
    const expected = names.sort((x, y) => size(y) - size(x) || order(x, y));
    assert.deepEqual(rows.map((row) => row[1]), limit === 0 ? expected : expected.slice(0, limit));
    assert.deepEqual(counts, {
      kind: "x",
      fresh: names.filter((name) => !Object.hasOwn(a, name)).length,
      gone: names.filter((name) => !Object.hasOwn(b, name)).length,
      all: names.length,
    });
  }));
});

Deno.test("differences() calls rates the same that differ by a thousandth", async () => {
  const rows = (bytes: bigint) => batches([["key", bytes]]);
  const changeOf = async (a: bigint, b: bigint) => {
    const side = (bytes: bigint) => ({ rows: rows(bytes), bytes, seconds: 8 });
    return (await differences("x", [side(a), side(b)], 0)).rows[0]![2];
  };
  assert.equal(await changeOf(1_000_000n, 999_001n), "same");
  assert.equal(await changeOf(999_001n, 1_000_000n), "same");
  assert.equal(await changeOf(1_000_000n, 998_999n), "less");
  assert.equal(await changeOf(998_999n, 1_000_000n), "more");
  assert.equal(await changeOf(0n, 1n), "more");
  assert.equal(await changeOf(0n, 0n), "same");
});

async function* batches(rows: [string, bigint][]) {
  for (let start = 0; start < rows.length; start += 7) {
    yield await Promise.resolve(rows.slice(start, start + 7));
  }
}

Deno.test("runDiff() compares rates over recorded time, and scales what was sampled", async () => {
  using directory = TempDirectory.create();
  const packets = mixedPackets();
  const long = directory.file("long.parquet");
  const recorded = metadataOf(packets);
  await writeRecording(long, packets, {
    ...recorded,
    [FILE_METADATA_KEY.durationSeconds]: "305",
    [FILE_METADATA_KEY.sampleRate]: "10",
  });
  const { data, note } = await diff([fixturePath("complete"), long], { limit: 0 });
  const rows = JSON.parse(data) as DiffRow[];
  assert.ok(rows.length > 10);
  // Ten times as long, and each packet stands for ten.
  for (const { change, share_a, share_b } of rows) {
    assert.equal(change, "same");
    assert.equal(share_a, share_b);
  }
  assert.match(note, /^B: sampled: 1 packet in 10[^]*^B: what is new or gone may only not have/m);
  assert.doesNotMatch(note, /^A:/m);
});

Deno.test("runDiff() tells by its exit code that something is new, if it is asked", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("few.parquet");
  const few = mixedPackets().filter(({ destination_port }) => destination_port !== 53);
  await writeRecording(path, few, metadataOf(few));
  const complete = fixturePath("complete");
  const by = { by: { name: "port", argument: [] }, order: null, flags: new Map() };
  const ends = async (sides: [string, string], exitCode: boolean) =>
    (await diff(sides, { by, exitCode, limit: 1 })).code;
  assert.equal(await ends([path, complete], true), 1);
  assert.equal(await ends([path, complete], false), 0);
  assert.equal(await ends([complete, path], true), 0);
  const { data } = await diff([path, complete], { by, limit: 0, format: "csv" });
  assert.match(data, /^port,53 UDP,new,0,/m);
});

Deno.test("runDiff() says in its table what is to be known of either side", async () => {
  const { data } = await diff([fixturePath("lossy"), fixturePath("empty")], { format: "table" });
  assert.match(data, /^host: 0 new, 8 gone of 8$/m);
  assert.match(data, /^A: lost 1,234 of 5,000,000 packets/m);
  assert.match(data, /^B: no packets/m);
  assert.match(data, /^B: capture complete$/m);
});

Deno.test("runDiff() prints every format, with the same rows", async () => {
  const sides = [fixturePath("empty"), fixturePath("complete")] as [string, string];
  const rows = JSON.parse((await diff(sides)).data).length;
  const lines = (text: string) => text.trimEnd().split("\n");
  assert.equal(lines((await diff(sides, { format: "ndjson" })).data).length, rows);
  assert.equal(lines((await diff(sides, { format: "csv" })).data).length, rows + 1);
  assert.match((await diff(sides, { format: "markdown" })).data, /\| host +\|[^]*- A: no packets/);
});

Deno.test("runDiff() takes as much memory for both sides as a report does for one", async () => {
  const limitOf = async ({ session }: Recordings) => {
    const [row] = await session.rows("SELECT current_setting('memory_limit')");
    return parseMemoryLimit(String(row![0]))!;
  };
  using one = await Recordings.open([fixturePath("complete")]);
  const open = Recordings.open;
  const limits: number[] = [];
  Recordings.open = async (...parameters) => {
    const recordings = await open.apply(Recordings, parameters);
    limits.push(await limitOf(recordings));
    return recordings;
  };
  try {
    await diff([fixturePath("complete"), fixturePath("lossy")]);
  } finally {
    Recordings.open = open;
  }
  assert.equal(limits.length, 2);
  // DuckDB tells sizes with one decimal.
  assert.ok(limits[0]! + limits[1]! < 1.05 * await limitOf(one), limits.join(" and "));
});

Deno.test("runDiff() refuses rates over no time", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("one.parquet");
  await writeRecording(path, mixedPackets().slice(0, 1), {});
  await assert.rejects(diff([path, fixturePath("complete")]), {
    name: "RunError",
    message: `Cannot compute rates of "${path}": nobody knows how long it was recorded`,
  });
});

Deno.test("diff takes two captures, and what to compare in the words of top", () => {
  const { options } = called(["diff", "a", "b/", "--by", "subnet/16", "-n", "0", "--exit-code"]);
  const { sides, by, limit, exitCode } = options as DiffOptions;
  assert.deepEqual([sides, by?.by, limit, exitCode], [
    ["a", "b/"],
    { name: "subnet", argument: by?.by?.argument },
    0,
    true,
  ]);
  refuses(
    ["diff", "a"],
    "Cannot compare 1 capture: name two",
    'Write "xdp-inspector diff A B"; each is a file, a pattern or a directory',
  );
  refuses(
    ["diff", "a", "b", "c"],
    "Cannot compare 3 captures: name two",
    "Quote a pattern, or name a directory, where a side has several files",
  );
  refuses(
    ["diff", "-", "-"],
    "Cannot read both captures from standard input",
    "Name a file for one of them",
  );
});
