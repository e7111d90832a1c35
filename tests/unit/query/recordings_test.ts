import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import { QuerySession, type Row } from "../../../src/query/session.ts";
import { findReport } from "../../../src/reports/all.ts";
import { reportQuery } from "../../../src/reports/answer.ts";
import type { TableReport } from "../../../src/reports/report.ts";
import { mixedPackets } from "../../support/fixture_packets.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import {
  metadataOf,
  recordingMetadata,
  writeParquet,
  writeRecording,
} from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

async function openFails(path: string, message: string | RegExp): Promise<void> {
  await assert.rejects(
    () => Recordings.open([path]),
    {
      name: "RunError",
      message: message instanceof RegExp ? message : `Cannot read "${path}": ${message}`,
    },
  );
}

async function rowsOf(recordings: Recordings, name: string, limit: number, withFound = false) {
  const rows: Row[] = [];
  const query = reportQuery(findReport(name) as TableReport, limit, withFound);
  for await (const batch of recordings.rows(query)) rows.push(...batch);
  return rows;
}

Deno.test("Recordings.open() tells each way of not being a complete Parquet file apart", async () => {
  using directory = TempDirectory.create();
  const good = Deno.readFileSync(fixturePath("complete"));
  const write = (name: string, bytes: Uint8Array | string) => {
    const path = directory.file(name);
    Deno.writeFileSync(path, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
    return path;
  };
  const footerless = "the Parquet file is truncated, its footer is missing";
  await openFails(write("empty.parquet", ""), "the file is empty");
  await openFails(write("text.parquet", "a,b\n1,2\n"), "not a Parquet file");
  await openFails(write("short.parquet", "PA"), "not a Parquet file");
  await openFails(write("magic.parquet", "PAR1"), footerless);
  await openFails(write("half.parquet", good.subarray(0, good.length / 2)), footerless);
  await openFails(write("cut.parquet", good.subarray(0, good.length - 1)), footerless);
  await openFails(write("secret.parquet", "PARE12345678PARE"), "the Parquet file is encrypted");
  const lengths = good.slice();
  lengths.set([0xff, 0xff, 0xff, 0x7f], lengths.length - 8);
  await openFails(write("footer.parquet", lengths), "the Parquet footer is damaged");
  const garbage = good.slice();
  garbage.fill(0xff, garbage.length - 600, garbage.length - 8);
  await openFails(
    write("garbage.parquet", garbage),
    /^Cannot read ".*garbage.*": the file is damaged: /,
  );
});

Deno.test("Recordings.open() refuses devices, named pipes and kernel files without waiting", async () => {
  using directory = TempDirectory.create();
  const pipe = directory.file("pipe.parquet");
  const { success } = await new Deno.Command("mkfifo", { args: [pipe] }).output();
  assert.ok(success);
  await openFails(pipe, "it is a named pipe, not a regular file");
  await openFails("/dev/zero", "it is a device, not a regular file");
  await openFails("/proc/self/mem", "the file is empty");
});

Deno.test("Recordings.open() says when the file may not be read", async () => {
  const open = Deno.openSync;
  // Root may read everything, so the refusal is played.
  Deno.openSync = () => {
    throw new Deno.errors.PermissionDenied("Permission denied (os error 13): open 'x'");
  };
  try {
    await openFails(fixturePath("complete"), "permission denied");
  } finally {
    Deno.openSync = open;
  }
});

Deno.test("Recordings.open() refuses another schema and a newer version", async () => {
  using directory = TempDirectory.create();
  const other = directory.file("other.parquet");
  await writeParquet(other, "SELECT 1::UTINYINT AS ttl, 'x' AS packet_length");
  await openFails(
    other,
    /missing columns "timestamp", .*; "packet_length" is VARCHAR, not UINTEGER$/,
  );
  const newer = directory.file("newer.parquet");
  await writeParquet(newer, "SELECT 1 AS a", { [FILE_METADATA_KEY.schemaVersion]: "2" });
  await openFails(newer, "its schema version is 2, this program reads versions up to 1");
  const rate = directory.file("rate.parquet");
  await writeRecording(rate, mixedPackets(), { [FILE_METADATA_KEY.sampleRate]: "none" });
  await openFails(rate, 'its sample rate "none" is not valid');
});

Deno.test("Recordings.open() accepts columns in another order, more of them, and ENUM text", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  await writeParquet(
    path,
    `SELECT 7 AS queue, protocol::ENUM ('TCP', 'UDP', 'ICMP', 'ICMPv6', 'ARP', 'IP-253') AS protocol,
      * EXCLUDE protocol FROM read_parquet('${fixturePath("complete")}')`,
  );
  using recordings = await Recordings.open([path]);
  assert.equal((await recordings.overview()).packets, 36n);
});

Deno.test("Recordings.open() skips damaged files of a directory, and names them", async () => {
  using directory = TempDirectory.create();
  Deno.copyFileSync(fixturePath("complete"), directory.file("b.parquet"));
  Deno.writeTextFileSync(directory.file("a.parquet"), "PAR1");
  await writeParquet(directory.file("c.parquet"), "SELECT 1 AS a");
  const garbage = Deno.readFileSync(fixturePath("complete"));
  garbage.fill(0xff, garbage.length - 600, garbage.length - 8);
  Deno.writeFileSync(directory.file("d.parquet"), garbage);
  using recordings = await Recordings.open([directory.path]);
  assert.equal(recordings.fileCount, 1);
  assert.equal((await recordings.overview()).packets, 36n);
  const messages = recordings.skipped.map(({ message }) => message);
  assert.equal(messages.length, 3);
  for (const [index, name] of ["a", "c", "d"].entries()) {
    assert.ok(messages[index]!.startsWith(`Cannot read "${directory.file(`${name}.parquet`)}": `));
  }
});

Deno.test("Recordings.open() fails when no file of a directory is readable", async () => {
  using directory = TempDirectory.create();
  Deno.writeTextFileSync(directory.file("a.parquet"), "");
  await assert.rejects(() => Recordings.open([directory.path]), /a\.parquet": the file is empty$/);
});

Deno.test("report() names the file when a page inside is damaged", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("page.parquet");
  const bytes = Deno.readFileSync(fixturePath("complete"));
  bytes.fill(0xff, 4, 200);
  Deno.writeFileSync(path, bytes);
  using recordings = await Recordings.open([path]);
  await assert.rejects(
    () => rowsOf(recordings, "flows", 0),
    { name: "RunError", message: /^Cannot read ".*page\.parquet": the file is damaged: / },
  );
});

Deno.test("several files count together, completeness is summed", async () => {
  using directory = TempDirectory.create();
  await writeRecording(directory.file("plain.parquet"), mixedPackets(), {});
  using recordings = await Recordings.open([
    fixturePath("complete"),
    fixturePath("lossy"),
    directory.file("plain.parquet"),
  ]);
  const overview = await recordings.overview();
  assert.equal(overview.packets, 108n);
  assert.equal(overview.ipPackets, 99n);
  const { counters, files, filesUnknown } = recordings.completeness;
  assert.deepEqual([counters.seen, counters.dropped, files, filesUnknown], [
    5_000_036n,
    1234n,
    3,
    1,
  ]);
});

Deno.test("contentMismatch() finds files that do not hold what their recorder counted", async () => {
  using directory = TempDirectory.create();
  const packets = mixedPackets();
  const metadata = { ...metadataOf(packets), [FILE_METADATA_KEY.sampleRate]: "10" };
  const write = async (name: string, content: typeof packets, facts: Record<string, string>) => {
    await writeRecording(directory.file(name), content, facts);
    return directory.file(name);
  };
  const whole = await write("whole.parquet", packets, metadata);
  const short = await write("short.parquet", packets.slice(1), metadata);
  const changed = await write("changed.parquet", [
    { ...packets[0]!, packet_length: Number(packets[0]!.packet_length) + 1 },
    ...packets.slice(1),
  ], metadata);
  const unknown = await write("unknown.parquet", packets, {});
  const mismatch = async (...files: string[]) => {
    using recordings = await Recordings.open(files);
    return await recordings.contentMismatch();
  };
  assert.equal(await mismatch(whole), null);
  assert.equal(await mismatch(unknown), null);
  assert.equal(await mismatch(whole, unknown, fixturePath("lossy")), null);
  const bytes = packets.reduce((sum, { packet_length }) => sum + BigInt(packet_length!), 0n);
  const counted = { packets: 36n, bytes };
  const left = { packets: 35n, bytes: bytes - BigInt(packets[0]!.packet_length!) };
  assert.deepEqual(await mismatch(whole, short, unknown), {
    files: 1,
    label: short,
    counted,
    found: left,
  });
  const both = await mismatch(changed, whole, short);
  assert.deepEqual([both!.files, both!.label], [2, changed]);
  assert.deepEqual(both!.found, { packets: 36n, bytes: bytes + 1n });
});

Deno.test("packets and bytes are scaled by the sampling rate, each file by its own", async () => {
  using directory = TempDirectory.create();
  const sampled = (rate: number) => ({
    ...recordingMetadata(36),
    [FILE_METADATA_KEY.sampleRate]: String(rate),
  });
  await writeRecording(directory.file("tenth.parquet"), mixedPackets(), sampled(10));
  await writeRecording(directory.file("most.parquet"), mixedPackets(), sampled(2 ** 32));
  const tcp = (rows: Row[]) => rows.find(([dir, name]) => dir === "egress" && name === "TCP");
  {
    using recordings = await Recordings.open([directory.file("tenth.parquet")]);
    assert.deepEqual(recordings.sampleRates, [10]);
    const { packets, bytes, ipPackets } = await recordings.overview();
    assert.deepEqual([packets, bytes, ipPackets], [360n, 836160n, 330n]);
    const row = tcp(await rowsOf(recordings, "traffic", 0));
    assert.deepEqual(row, ["egress", "TCP", 110n, 803000n, 7300]);
  }
  const rate = 2n ** 32n + 1n;
  using both = await Recordings.open([fixturePath("complete"), directory.file("most.parquet")]);
  assert.deepEqual(both.sampleRates, [1, 2 ** 32]);
  assert.equal((await both.overview()).bytes, 83616n * rate);
  const rows = await rowsOf(both, "traffic", 0);
  assert.deepEqual(tcp(rows), ["egress", "TCP", 11n * rate, 80300n * rate, 7300]);
  const [flow] = await rowsOf(both, "flows", 1);
  assert.deepEqual(flow!.slice(6), [
    rate,
    65160n * rate,
    1795442042623456789n,
    1795442042623456789n,
    0,
  ]);
});

Deno.test("report() limits rows and tells how many there are", async () => {
  using recordings = await Recordings.open([fixturePath("complete")]);
  const rows = await rowsOf(recordings, "flows", 3, true);
  assert.deepEqual(rows.map((row) => row.at(-1)), [12n, 12n, 12n]);
  assert.equal((await rowsOf(recordings, "flows", 0)).length, 12);
});

Deno.test("report() orders by bytes, then packets, then keys", async () => {
  using directory = TempDirectory.create();
  const [packet] = mixedPackets();
  const from = (source: string, length: number) => {
    return { ...packet!, source_ip: source, packet_length: length };
  };
  const packets = [
    ...[from("10.0.0.9", 50), from("10.0.0.9", 50)],
    ...[from("10.0.0.2", 100), from("10.0.0.1", 100), from("10.0.0.3", 101)],
  ];
  const path = directory.file("a.parquet");
  await writeRecording(path, packets, {});
  using recordings = await Recordings.open([path]);
  const sources = (await rowsOf(recordings, "top", 0)).map(([, source]) => source);
  assert.deepEqual(sources, ["10.0.0.3", "10.0.0.9", "10.0.0.1", "10.0.0.2"]);
});

Deno.test("report() orders packets without a value behind those that have one", async () => {
  using directory = TempDirectory.create();
  const [packet] = mixedPackets();
  const packets = [{ protocol: "UDP" }, {}, { protocol: "TCP" }].map(({ protocol }) => {
    const { protocol: _, ...rest } = packet!;
    return { ...rest, ...(protocol !== undefined && { protocol }) };
  });
  const path = directory.file("a.parquet");
  await writeRecording(path, packets, {});
  using recordings = await Recordings.open([path]);
  const protocols = (await rowsOf(recordings, "traffic", 0)).map(([, protocol]) => protocol);
  assert.deepEqual(protocols, ["TCP", "UDP", null]);
});

Deno.test("report() gives the first and the last packet of a flow in files of several rates", async () => {
  using directory = TempDirectory.create();
  const [packet] = mixedPackets();
  const write = async (name: string, rate: number, times: readonly bigint[]) => {
    await writeRecording(
      directory.file(name),
      times.map((timestamp) => ({ ...packet!, timestamp })),
      { [FILE_METADATA_KEY.sampleRate]: String(rate) },
    );
  };
  await write("a.parquet", 1, [5_000_000_000n, 4_000_000_000n, 9_000_000_000n]);
  await write("b.parquet", 10, [2_500_000_000n, 7_000_000_000n]);
  using recordings = await Recordings.open([directory.path]);
  const rows = await rowsOf(recordings, "flows", 0);
  const bytes = BigInt(packet!.packet_length as number);
  assert.deepEqual(rows.map((row) => row.slice(6)), [
    [23n, 23n * bytes, 2_500_000_000n, 9_000_000_000n, 6.5],
  ]);
});

/** Runs `action` while every session is handed to `seen` before it is used. */
async function withSessions(
  seen: (session: QuerySession) => void,
  action: () => Promise<void>,
): Promise<void> {
  const open = QuerySession.open;
  QuerySession.open = async (paths) => {
    const session = await open.call(QuerySession, paths);
    seen(session);
    return session;
  };
  try {
    await action();
  } finally {
    QuerySession.open = open;
  }
}

Deno.test("Recordings closes its session, also when it cannot be opened", async () => {
  using directory = TempDirectory.create();
  const other = directory.file("other.parquet");
  await writeParquet(other, "SELECT 1 AS a");
  const sessions: QuerySession[] = [];
  await withSessions((session) => sessions.push(session), async () => {
    await assert.rejects(Recordings.open([other]), /missing columns/);
    using recordings = await Recordings.open([fixturePath("complete")]);
    assert.equal(recordings.fileCount, 1);
  });
  assert.equal(sessions.length, 2);
  for (const session of sessions) {
    await assert.rejects(session.rows("SELECT 1"), /connection disconnected/);
  }
});

Deno.test("Recordings.open() does not take a defect of the program for a damaged file", async () => {
  using directory = TempDirectory.create();
  Deno.copyFileSync(fixturePath("complete"), directory.file("a.parquet"));
  Deno.copyFileSync(fixturePath("complete"), directory.file("b.parquet"));
  const stat = Deno.statSync;
  Deno.statSync = (path) => {
    const status = stat(path);
    if (!String(path).endsWith("a.parquet")) return status;
    return Object.defineProperty(status, "size", {
      get: () => {
        throw new TypeError("a defect");
      },
    });
  };
  try {
    await assert.rejects(Recordings.open([directory.path]), {
      name: "TypeError",
      message: "a defect",
    });
  } finally {
    Deno.statSync = stat;
  }
});

/** What DuckDB says when its memory does not suffice. */
async function outOfMemory(): Promise<Error> {
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "1",
    memory_limit: "1MiB",
    temp_directory: "",
  });
  const connection = await instance.connect();
  try {
    await connection.run("CREATE TABLE numbers AS SELECT * FROM range(1_000_000)");
  } catch (error) {
    return error as Error;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  throw new Error("Cannot make DuckDB run out of memory");
}

Deno.test("report() says that memory does not suffice, and what to do about it", async () => {
  const cause = await outOfMemory();
  const exhaust = (session: QuerySession) => {
    const stream = session.stream.bind(session);
    session.stream = (sql, parameters) => {
      const batches = stream(sql, parameters);
      if (sql.startsWith("WITH report")) batches.next = () => Promise.reject(cause);
      return batches;
    };
  };
  await withSessions(exhaust, async () => {
    using recordings = await Recordings.open([fixturePath("complete")]);
    await assert.rejects(rowsOf(recordings, "flows", 0), {
      name: "RunError",
      message: "Cannot compute the report: memory and temporary disk space do not suffice",
      hint: "Free memory, point TMPDIR to a larger disk, or name fewer files",
      cause,
    });
  });
});

Deno.test("a directory named like a column does not change that column", async () => {
  using directory = TempDirectory.create();
  Deno.mkdirSync(directory.file("direction=sideways"));
  const path = directory.file("direction=sideways/a.parquet");
  Deno.copyFileSync(fixturePath("complete"), path);
  using recordings = await Recordings.open([path]);
  const directions = (await rowsOf(recordings, "traffic", 0)).map(([direction]) => direction);
  assert.deepEqual([...new Set(directions)].sort(), ["egress", "ingress"]);
});

Deno.test("Recordings.open() says which found file has a name that is not UTF-8", async () => {
  using directory = TempDirectory.create();
  Deno.copyFileSync(fixturePath("complete"), directory.file("a.parquet"));
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `cp a.parquet "$(printf 'b\\377.parquet')"`],
    cwd: directory.path,
  }).output();
  assert.ok(success);
  for (const name of [directory.path, directory.file("*.parquet")]) {
    using recordings = await Recordings.open([name]);
    assert.equal(recordings.fileCount, 1);
    assert.deepEqual(recordings.skipped.map(({ message }) => message), [
      `Cannot read "${directory.file("b\ufffd.parquet")}": no such file or directory`,
    ]);
  }
});

Deno.test("Recordings read exactly the file whose name looks like a pattern", async () => {
  using directory = TempDirectory.create();
  const odd = [
    "a*b.parquet",
    "[x].parquet",
    "what?.parquet",
    "a'; DROP TABLE x; --.parquet",
    "new\nline.parquet",
    "back\\slash.parquet",
    "back\\slash*.parquet",
    "{a,b}.parquet",
    "**.parquet",
    '"quoted".parquet',
    "-.parquet",
    "😀.parquet",
    "a]b[.parquet",
    "direction=egress.parquet",
  ];
  // What the names would match as patterns.
  const decoys = ["axb.parquet", "x.parquet", "whatx.parquet", "aab.parquet"];
  for (const name of odd) Deno.copyFileSync(fixturePath("complete"), directory.file(name));
  for (const name of decoys) Deno.copyFileSync(fixturePath("lossy"), directory.file(name));
  for (const name of odd) {
    using recordings = await Recordings.open([directory.file(name)]);
    assert.equal((await recordings.overview()).packets, 36n, name);
    assert.equal(await recordings.contentMismatch(), null, name);
    assert.equal(recordings.fileCount, 1, name);
  }
  using all = await Recordings.open(odd.map((name) => directory.file(name)));
  assert.equal((await all.overview()).packets, 36n * BigInt(odd.length));
});
