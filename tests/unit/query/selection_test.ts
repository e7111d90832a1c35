import assert from "node:assert/strict";
import fc from "fast-check";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { parseWrittenTime } from "../../../src/core/written_time.ts";
import { EVERYTHING, type Selection } from "../../../src/query/selection.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import { type FixturePacket, mixedPackets, START_NS } from "../../support/fixture_packets.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { metadataOf, writeRecording } from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const MS = 1_000_000n;

function select(part: Partial<Selection>): Selection {
  return { ...EVERYTHING, ...part };
}

function at(ns: bigint): Selection["from"] {
  return { text: "", kind: "instant", ns };
}

async function openSelected(files: readonly string[], part: Partial<Selection>) {
  return await Recordings.open(files, { selection: select(part) });
}

Deno.test("the view packets holds what is selected, whatever that is", async () => {
  using directory = TempDirectory.create();
  const interfaces = ["eth0", "lo", "it's"];
  const packets = mixedPackets().map((packet, index): FixturePacket => {
    return { ...packet, interface: interfaces[index % 3]! };
  });
  const halves = [packets.slice(0, 20), packets.slice(20)];
  const files = ["one.parquet", "two.parquet"].map((name) => directory.file(name));
  const rates = [1n, 10n];
  for (const [index, half] of halves.entries()) {
    const facts = { [FILE_METADATA_KEY.sampleRate]: String(rates[index]) };
    await writeRecording(files[index]!, half, facts);
  }
  const moments = packets.flatMap(({ timestamp }) => [timestamp, timestamp + 1n]);
  const time = fc.option(fc.constantFrom(...moments).map(at));
  const conditions: Record<string, (packet: FixturePacket) => boolean> = {
    "destination_port = 80": ({ destination_port }) => destination_port === 80,
    "source_ip IS NULL OR ttl = 64": ({ source_ip, ttl }) => source_ip === undefined || ttl === 64,
    "protocol IN ('TCP', 'ARP')": ({ protocol }) => protocol === "TCP" || protocol === "ARP",
    "packet_length > 100": ({ packet_length }) => Number(packet_length) > 100,
  };
  const filters: Record<string, (packet: FixturePacket) => boolean> = {
    "dst port 80": ({ destination_port }) => destination_port === 80,
    "tcp or arp": ({ protocol }) => protocol === "TCP" || protocol === "ARP",
    "greater 101": ({ packet_length }) => Number(packet_length) > 100,
  };
  const oneOf = (words: object) => fc.option(fc.constantFrom(...Object.keys(words)));
  const selection = fc.record({
    from: time,
    to: time,
    interfaces: fc.subarray(interfaces),
    direction: fc.option(fc.constantFrom("in" as const, "out" as const)),
    where: oneOf(conditions),
    filter: oneOf(filters),
  }).filter(({ from, to }) =>
    from?.kind !== "instant" || to?.kind !== "instant" || from.ns <= to.ns
  );
  await fc.assert(
    fc.asyncProperty(selection, async ({ from, to, interfaces, direction, where, filter }) => {
      const isSelected = (packet: FixturePacket) =>
        (from?.kind !== "instant" || packet.timestamp >= from.ns) &&
        (to?.kind !== "instant" || packet.timestamp < to.ns) &&
        (interfaces.length === 0 || interfaces.includes(String(packet.interface))) &&
        (direction === null || packet.direction === `${direction === "in" ? "in" : "e"}gress`) &&
        (where === null || conditions[where]!(packet)) &&
        (filter === null || filters[filter]!(packet));
      const expected = halves.map((half) => half.filter(isSelected));
      using recordings = await openSelected(files, {
        from,
        to,
        interfaces,
        direction,
        where,
        filter: filter === null ? null : { text: filter, file: null, resolve: false },
      });
      const sql = "SELECT epoch_ns(timestamp) FROM packets ORDER BY 1";
      const rows = await Array.fromAsync(recordings.rows({ sql, parameters: {} }));
      assert.deepEqual(
        rows.flat().flat(),
        expected.flat().map(({ timestamp }) => timestamp).sort((a, b) => Number(a - b)),
      );
      const scaled = (parts: FixturePacket[][]) =>
        parts.reduce((sum, { length }, index) => sum + BigInt(length) * rates[index]!, 0n);
      assert.deepEqual(await recordings.matched(), {
        matched: scaled(expected),
        total: scaled(halves),
      });
    }),
    { numRuns: 25 },
  );
});

Deno.test("a time reads no row group that it cannot be in, and no file", async () => {
  using directory = TempDirectory.create();
  // DuckDB closes a row group at a multiple of its vectors.
  const size = 2048;
  const groups = 5;
  const { rows, damage } = await manyGroups(directory.file("groups.parquet"), size, groups);
  const start = START_NS + BigInt(3 * size) * MS;
  const window = { from: at(start), to: at(start + BigInt(size) * MS) };
  damage((group) => group !== 3);
  {
    using recordings = await openSelected([directory.file("groups.parquet")], window);
    assert.deepEqual(await recordings.matched(), { matched: BigInt(size), total: BigInt(rows) });
    // Nor does a condition on the checked columns make it read them.
    using narrower = await openSelected([directory.file("groups.parquet")], {
      ...window,
      where: "protocol = 'TCP' AND source_ip = '10.0.0.1'",
      direction: "in",
    });
    assert.equal((await narrower.matched()).matched, BigInt(size));
  }
  {
    using all = await Recordings.open([directory.file("groups.parquet")]);
    await assert.rejects(all.overview(), /damaged/);
  }
  // A file of another time stays closed to DuckDB.
  damage(() => true);
  using both = await openSelected([fixturePath("complete"), directory.file("groups.parquet")], {
    to: at(START_NS),
  });
  assert.deepEqual(await both.matched(), { matched: 0n, total: 36n + BigInt(rows) });
  assert.equal(both.fileCount, 0);
});

Deno.test("a damaged file is said to be damaged, also where names are looked for in its rows", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("groups.parquet");
  const { damage } = await manyGroups(path, 2048, 2);
  damage(() => true);
  await assert.rejects(openSelected([path], { interfaces: ["eth9"] }), {
    name: "RunError",
    message: new RegExp(`^Cannot read "${path}": .*damaged`),
  });
});

/** A file of `groups` row groups, a packet each millisecond, and what ruins the data of some. */
async function manyGroups(path: string, size: number, groups: number) {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const rows = size * groups;
  const time = `make_timestamp_ns(${START_NS} + range * 1000000)`;
  await connection.run(`COPY (
    SELECT * REPLACE (${time} AS timestamp, 'TCP' AS protocol, '10.0.0.1' AS source_ip)
    FROM (SELECT * FROM '${
    fixturePath("complete")
  }' WHERE direction = 'ingress' LIMIT 1), range(${rows})
    ORDER BY range
  ) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE ${size})`);
  const places = await connection.runAndReadAll(`SELECT row_group_id,
      min(coalesce(dictionary_page_offset, data_page_offset))::BIGINT,
      max(data_page_offset + total_compressed_size)::BIGINT
    FROM parquet_metadata('${path}') GROUP BY 1 ORDER BY 1`);
  const found = places.getRows().map(([, start, end]) => [Number(start), Number(end)] as const);
  assert.equal(found.length, groups);
  connection.closeSync();
  instance.closeSync();
  const good = Deno.readFileSync(path);
  const damage = (isDamaged: (group: number) => boolean) => {
    const bytes = good.slice();
    for (const [group, [start]] of found.entries()) {
      const end = found[group + 1]?.[0] ?? start + 64;
      if (isDamaged(group)) bytes.fill(0xff, start, end);
    }
    Deno.writeFileSync(path, bytes);
  };
  return { rows, damage };
}

Deno.test("counters, rates and ends are those of the selected files, interfaces and times", async () => {
  using directory = TempDirectory.create();
  const counters = (seen: number, dropped: number) => ({
    packets_seen: seen,
    packets_captured: seen - dropped,
    packets_dropped: dropped,
    drops: { ring_full: dropped },
  });
  const attachments = [
    { interface: "eth0", direction: "ingress", counters: counters(30, 4) },
    {
      interface: "eth1",
      direction: "ingress",
      counters: counters(14, 0),
      ended: "2026-11-23T13:54:20.000000000Z",
      end_reason: "detached",
    },
  ];
  const packets = mixedPackets();
  const metadata = {
    ...metadataOf(packets, 8, { ring_full: 4 }),
    [FILE_METADATA_KEY.attachments]: JSON.stringify(attachments),
  };
  const later = {
    ...metadataOf(packets),
    [FILE_METADATA_KEY.started]: "2026-11-23T14:54:00.000000000Z",
  };
  const [early, late] = [directory.file("early.parquet"), directory.file("late.parquet")];
  await writeRecording(early, packets, metadata);
  const hour = 3_600_000_000_000n;
  const moved = packets.map((packet) => ({ ...packet, timestamp: packet.timestamp + hour }));
  await writeRecording(late, moved, later);
  const facts = async (part: Partial<Selection>) => {
    using recordings = await openSelected([early, late], part);
    const { completeness, fileCount, recordedSeconds, earlyEnds } = recordings;
    const { counters: { seen, dropped } } = completeness;
    return [fileCount, seen, dropped, recordedSeconds, earlyEnds.length];
  };
  assert.deepEqual(await facts({}), [2, 80n, 4n, 61, 1]);
  assert.deepEqual(await facts({ interfaces: ["eth1"] }), [1, 14n, 0n, 30.5, 1]);
  assert.deepEqual(await facts({ interfaces: ["eth0"] }), [2, 66n, 4n, 61, 0]);
  assert.deepEqual(await facts({ direction: "out" }), [1, 18n, 0n, 30.5, 0]);
  const from = parseWrittenTime("13:54:10");
  assert.deepEqual(await facts({ from, to: parseWrittenTime("+5s") }), [1, 44n, 4n, 5, 0]);
  assert.deepEqual(await facts({ from, to: parseWrittenTime("+15s") }), [1, 44n, 4n, 15, 1]);
  assert.deepEqual(await facts({ from: parseWrittenTime("-10.5s") }), [1, 36n, 0n, 10.5, 0]);
  assert.deepEqual(await facts({ from: parseWrittenTime("+20s") }), [2, 80n, 4n, 41, 1]);
  assert.deepEqual(await facts({ where: "ttl = 1" }), [2, 80n, 4n, 61, 1]);
});

Deno.test("a file without metadata is recorded from its first packet to its last", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("plain.parquet");
  await writeRecording(path, mixedPackets(), {});
  const matched = async (part: Partial<Selection>) => {
    using recordings = await openSelected([path], part);
    return (await recordings.matched()).matched;
  };
  assert.equal(await matched({ to: parseWrittenTime("+1ms") }), 1n);
  assert.equal(await matched({ from: parseWrittenTime("-1ms") }), 1n);
  assert.equal(await matched({ from: parseWrittenTime("13:54:07") }), 3n);
  assert.equal(await matched({ interfaces: ["eth0"] }), 36n);
});

Deno.test("an interface that was not recorded is refused, naming those that were", async () => {
  using directory = TempDirectory.create();
  const plain = directory.file("plain.parquet");
  const packets = mixedPackets().map((packet) => ({ ...packet, interface: "wlan0" }));
  await writeRecording(plain, packets, {});
  const refused = async (files: readonly string[], interfaces: readonly string[]) => {
    await assert.rejects(openSelected(files, { interfaces }), (error: Error & { hint: string }) => {
      assert.equal(error.message, 'Cannot select interface "eth1": it was not recorded');
      assert.equal(error.name, "RunError");
      return hints.push(error.hint) > 0;
    });
  };
  const hints: string[] = [];
  await refused([fixturePath("complete")], ["eth1"]);
  await refused([fixturePath("complete"), plain], ["wlan0", "eth1"]);
  await refused([plain], ["eth1"]);
  assert.deepEqual(hints, ['Recorded: "eth0"', 'Recorded: "eth0", "wlan0"', 'Recorded: "wlan0"']);
  using both = await openSelected([fixturePath("complete"), plain], { interfaces: ["wlan0"] });
  assert.deepEqual(await both.matched(), { matched: 36n, total: 72n });
});

Deno.test("an interface that was not recorded is refused, also where there are many, or none has a name", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  const hintWith = async (names: readonly string[]) => {
    const attachments = names.map((name) => ({ interface: name, direction: "ingress" }));
    const known = { [FILE_METADATA_KEY.attachments]: JSON.stringify(attachments) };
    const facts = names.length === 0 ? {} : { ...metadataOf(mixedPackets()), ...known };
    const packets = mixedPackets().map(({ interface: _, ...rest }) => rest as FixturePacket);
    await writeRecording(path, packets, facts);
    let hint = "";
    await assert.rejects(openSelected([path], { interfaces: ["eth9"] }), (error: Error) => {
      hint = (error as Error & { hint: string }).hint;
      return error.message === 'Cannot select interface "eth9": it was not recorded';
    });
    return hint;
  };
  const eight = Array.from({ length: 8 }, (_, index) => `wan${index}`);
  const named = `Recorded: ${eight.map((name) => `"${name}"`).join(", ")}`;
  assert.equal(await hintWith(eight), named);
  assert.equal(await hintWith([...eight, "lo", "lan"]), `${named} and 2 more`);
  assert.equal(await hintWith([]), "The files do not name any interface");
});

Deno.test("a filter that cannot be understood is refused before a file is read", async () => {
  const filter = { text: "tcp prt 80", file: null, resolve: false };
  await assert.rejects(
    Recordings.open(["/no/such.parquet"], { selection: { ...EVERYTHING, filter } }),
    {
      name: "UsageError",
      message: 'Cannot use the filter "tcp prt 80": unknown word "prt" at column 5',
    },
  );
});

Deno.test("contentMismatch() finds missing rows under a selection too, and nothing else", async () => {
  using directory = TempDirectory.create();
  const packets = mixedPackets();
  const [whole, short] = [directory.file("whole.parquet"), directory.file("short.parquet")];
  await writeRecording(whole, packets, metadataOf(packets));
  await writeRecording(short, packets.slice(1), metadataOf(packets));
  const mismatch = async (files: readonly string[]) => {
    using recordings = await openSelected(files, { where: "ttl = 1" });
    return await recordings.contentMismatch();
  };
  assert.equal(await mismatch([whole]), null);
  const found = await mismatch([whole, short]);
  assert.deepEqual([found?.files, found?.label, found?.found], [1, short, {
    packets: 35n,
    bytes: null,
  }]);
});
