import assert from "node:assert/strict";
import { processOutput } from "../../../src/commands/stats/run_stats.ts";
import { SqlSession } from "../../../src/commands/sql/sql_session.ts";
import { runSql } from "../../../src/commands/sql/run_sql.ts";
import type { SqlOptions } from "../../../src/cli/sql_options.ts";
import { InspectorError, RunError } from "../../../src/core/errors.ts";
import { EVERYTHING } from "../../../src/query/selection.ts";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { FORMATS } from "../../../src/render/formats.ts";
import { mixedPackets } from "../../support/fixture_packets.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { recordingMetadata, writeRecording } from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";
import { called } from "../cli/parsing.ts";

const DEFAULTS: SqlOptions = {
  files: [fixturePath("complete")],
  selection: EVERYTHING,
  query: null,
  queryFile: null,
  tables: [],
  isUnrestricted: false,
  limit: null,
  format: "csv",
};

async function sql(query: string, options: Partial<SqlOptions> = {}) {
  let data = "";
  let note = "";
  const code = await runSql({ ...DEFAULTS, query, ...options }, {
    data: (part) => data += part,
    note: (text) => note += text,
    screen: { width: null, colour: false },
  });
  return { code, data, note };
}

async function refusal(query: string, options: Partial<SqlOptions> = {}): Promise<RunError> {
  try {
    await sql(query, options);
  } catch (error) {
    assert.ok(error instanceof InspectorError, `${query}: ${error}`);
    return error;
  }
  throw new assert.AssertionError({ message: `"${query}" was answered` });
}

Deno.test("sql answers over packets, recordings, flows and its functions", async () => {
  const count = await sql(
    "SELECT count(*) AS n FROM packets WHERE in_net(source_ip, '10.0.0.0/8') " +
      "AND NOT has_flags(tcp_flags, 'SYN')",
  );
  const plain = await sql(
    "SELECT count(*) AS n FROM packets WHERE source_ip LIKE '10.%' AND tcp_flags & 2 = 0",
  );
  assert.equal(count.data, plain.data);
  assert.match(count.data, /^n\n[1-9]\d*\n$/);
  const recordings = await sql(
    "SELECT host, interfaces, started, row_count, packets_seen FROM recordings",
  );
  assert.equal(
    recordings.data,
    "host,interfaces,started,row_count,packets_seen\n" +
      "testhost,eth0,2026-11-23T13:54:00.000000000Z,36,36\n",
  );
  const services = await sql(
    "SELECT service(443, 'TCP') AS a, service(53, 'UDP') AS b, service(9, 'ICMP') AS c",
  );
  assert.equal(services.data, "a,b,c\nhttps,domain,\n");
  const both = await sql(
    "SELECT (SELECT sum(packet_count) FROM conversations) = " +
      "(SELECT count(*) FROM packets WHERE source_ip IS NOT NULL) AS a, " +
      "(SELECT sum(packet_count) FROM connections) = " +
      "(SELECT count(*) FROM packets WHERE protocol = 'TCP' AND source_port IS NOT NULL) AS b",
  );
  assert.equal(both.data, "a,b\ntrue,true\n");
  const flows = await sql(
    "SELECT count(*), sum(packet_count), typeof(any_value(flow_start)) FROM flows",
  );
  assert.match(flows.data, /\n12,33,TIMESTAMP_NS\n$/);
});

Deno.test("sql gives values of every type in every text format", async () => {
  const query =
    "SELECT 1.5 AS d, 12345678901234567890.5 AS e, [1, 2] AS l, NULL AS n, true AS b, " +
    "TIMESTAMP '2026-01-02 03:04:05.6' AS t, 99999999999999999999999999999999999999 AS h, '' AS s";
  const expected: Record<string, string> = {
    csv: "d,e,l,n,b,t,h,s\n" +
      '1.5,12345678901234567890.5,"[1, 2]",,true,2026-01-02T03:04:05.600000000Z,' +
      '99999999999999999999999999999999999999,""\n',
    ndjson: '{"d":1.5,"e":"12345678901234567890.5","l":"[1, 2]","n":null,"b":true,' +
      '"t":"2026-01-02T03:04:05.600000000Z","h":99999999999999999999999999999999999999,"s":""}\n',
  };
  for (const [format, text] of Object.entries(expected)) {
    assert.equal((await sql(query, { format })).data, text);
  }
  const table = (await sql(query, { format: "table" })).data;
  assert.match(table, /1\.5 .*\[1, 2\] +NULL +true +2026-01-02 03:04:05\.600000000 +9{38}/);
  assert.match(table, /\n1 row\n$/);
  assert.match(
    (await sql('SELECT 1 AS "a|b"', { format: "markdown" })).data,
    /^\| a\\\|b \|\n\| --: \|/,
  );
  assert.equal((await sql("SELECT 1 WHERE false", { format: "json" })).data, "[]\n");
  const twice = 'SELECT 1 AS n, 2 AS n_1, 3 AS n, 4 AS "N"';
  assert.equal(
    (await sql(twice, { format: "ndjson" })).data,
    '{"n":1,"n_1":2,"n_2":3,"N":4}\n',
  );
  for (const { name } of FORMATS) {
    assert.ok((await sql(query, { format: name })).data.length > 50, name);
  }
});

Deno.test("sql shows 1,000 rows of a table, and says that there are more; all elsewhere", async () => {
  const query = "SELECT i FROM range(3000) t(i) ORDER BY i";
  const table = (await sql(query, { format: "table" })).data;
  assert.match(table, /\n999\n1,000 rows shown, there are more: -n 0 shows all\n$/);
  assert.match((await sql(query, { format: "table", limit: 0 })).data, /\n3,000 rows\n$/);
  assert.match((await sql(query, { format: "table", limit: 3000 })).data, /\n3,000 rows\n$/);
  assert.equal((await sql(query)).data.split("\n").length, 3002);
  assert.equal((await sql(query, { limit: 2 })).data, "i\n0\n1\n");
});

Deno.test("sql runs several statements one after the other as tables, and as nothing else", async () => {
  const { data } = await sql("SELECT 1 AS a; SELECT 'x;y' AS b;", { format: "table" });
  assert.equal(data, "a\n1\n1 row\n\nb\nx;y\n1 row\n");
  for (const format of ["csv", "json", "ndjson", "parquet", "arrow"]) {
    const { message, exitCode } = await refusal("SELECT 1; SELECT 2", { format });
    assert.deepEqual([message, exitCode], [`Cannot write several answers as ${format}`, 2]);
  }
  assert.equal((await sql("SELECT 1 AS a;")).data, "a\n1\n");
});

Deno.test("sql says what is wrong with a query, and where", async () => {
  const wrong = await refusal("SELECT sorce_ip FROM packets");
  assert.match(wrong.message, /^Cannot run the query: Binder Error: .*"sorce_ip" not found/);
  assert.match(wrong.details!, /LINE 1: SELECT sorce_ip FROM packets\n +\^$/);
  assert.match((await refusal("SLECT 1")).message, /Parser Error: syntax error at or near "SLECT"/);
  assert.match((await refusal("SELECT 'a'::INT")).message, /Conversion Error: Could not convert/);
  assert.match((await refusal("SELECT in_net('10.0.0.1', 'x')")).message, /in_net: "x" is no net/);
  assert.match((await refusal("SELECT $1")).message, /it has a parameter$/);
  assert.match((await refusal(" -- nothing")).message, /it is empty$/);
  assert.match((await refusal("SELECT * FROM packets WHERE (1")).message, /Parser Error/);
  const hints: [query: string, hint: RegExp][] = [
    ["SLECT 1", /as in "SELECT count\(\*\) FROM packets"$/],
    ["SELECT sorce_ip FROM packets", /^See which tables, columns and functions there are/],
    ["SELECT * FROM pakets", /^See which tables, columns and functions there are/],
    ["SELECT 'a'::INT", /^Convert with TRY_CAST/],
    ["SELECT in_net('10.0.0.1', 'x')", /"xdp-inspector schema" lists functions of ours/],
  ];
  for (const [query, hint] of hints) {
    assert.match((await refusal(query)).hint ?? "", hint, query);
  }
});

/** Ways to reach out, each with what a careless session would do. */
const HOSTILE = (directory: string, recording: string) => [
  "COPY packets TO '" + directory + "/out.csv'",
  "COPY (SELECT 1) TO '" + directory + "/out.parquet' (FORMAT parquet)",
  "COPY (SELECT 1) TO '" + recording + "' (FORMAT parquet)",
  "EXPLAIN ANALYZE COPY (SELECT 1) TO '" + recording + "' (FORMAT parquet)",
  "/* */ EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1",
  "EXPLAIN (ANALYZE /* ) SELECT 1 -- */ ) CREATE TABLE x AS SELECT 1",
  "EXPLAIN (ANALYZE /* ) SELECT 1 -- */ ) COPY (SELECT 1) TO '" + recording +
  "' (FORMAT parquet, USE_TMP_FILE false)",
  "EXPLAIN (ANALYZE) FROM enable_logging()",
  "FROM enable_logging(storage = 'file', storage_path = '" + directory + "')",
  "FROM enable_logging(storage = 'stdout')",
  "FROM enable_profiling(save_location = '" + directory + "/profile.txt')",
  "SELECT count(*) FROM packets WHERE EXISTS (FROM disable_logging())",
  "WITH a AS MATERIALIZED (FROM force_checkpoint()) SELECT * FROM a, a AS b",
  "SELECT * FROM query('FROM enable_peg_parser()')",
  "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('FROM enable_logging()'))",
  "PRAGMA json_execute_serialized_sql(json_serialize_sql('FROM enable_logging()'))",
  "PRAGMA storage_info('packets''), enable_logging() --')",
  "ATTACH '" + directory + "/x.db'",
  "ATTACH 'https://example.invalid/x.db'",
  "INSTALL httpfs",
  "LOAD httpfs",
  "LOAD '/tmp/x.duckdb_extension'",
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM read_text('/etc/passwd')",
  "SELECT * FROM read_blob('/etc/shadow')",
  "SELECT * FROM '/etc/passwd'",
  "SELECT * FROM read_csv('https://example.invalid/x.csv')",
  "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
  "SELECT * FROM glob('/etc/*')",
  "SELECT getenv('HOME')",
  "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
  "SELECT * FROM query_table('/etc/passwd')",
  "SELECT * FROM sniff_csv('/etc/passwd')",
  "SELECT * FROM parquet_schema('/etc/passwd')",
  "SELECT * FROM read_json('/proc/self/environ')",
  "PRAGMA database_size; SET enable_external_access = true",
  "SET enable_external_access = true",
  "SET allowed_paths = ['/etc/passwd']",
  "SET memory_limit = '1TB'",
  "SET temp_directory = '" + directory + "'",
  "RESET lock_configuration",
  "PRAGMA enable_profiling",
  "PRAGMA profiling_output = '" + directory + "/profile'",
  "SET log_query_path = '" + directory + "/log'",
  "EXPORT DATABASE '" + directory + "/export'",
  "IMPORT DATABASE '" + directory + "'",
  "CREATE TABLE x AS SELECT 1",
  "CREATE OR REPLACE TEMP VIEW packets AS SELECT 1",
  "DROP VIEW packets",
  "INSERT INTO recordings SELECT * FROM recordings",
  "DELETE FROM recordings",
  "UPDATE recordings SET host = 'x'",
  "CREATE SECRET x (TYPE s3, KEY_ID 'a', SECRET 'b')",
  "CALL force_checkpoint('temp')",
  "CHECKPOINT",
  "BEGIN",
  "PREPARE x AS SELECT * FROM read_text('/etc/passwd')",
  "DETACH memory",
  "USE temp",
  "VACUUM",
];

Deno.test("sql does nothing but read the files that were named", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("own.parquet");
  Deno.copyFileSync(fixturePath("complete"), path);
  const before = Deno.readFileSync(path);
  for (const query of HOSTILE(directory.path, path)) {
    const { message, hint, exitCode } = await refusal(query, { files: [path], format: "table" });
    assert.equal(exitCode, 1, query);
    const isSaid = message.startsWith("Cannot run") && hint?.includes("--unrestricted");
    // What DuckDB has no name for without extensions is wrong and not forbidden.
    assert.ok(
      isSaid || /Catalog Error|Parser Error|Binder Error/.test(message),
      `${query}: ${message}`,
    );
    assert.doesNotMatch(message, /root:|HOME=/);
  }
  assert.deepEqual(Deno.readFileSync(path), before);
  assert.deepEqual(directory.list(), ["own.parquet"]);
});

/** DuckDB's functions over tables that do more than to read. Nobody can write a pointer for Arrow data. */
const DOING = /^(checkpoint|enable_|disable_|force_|truncate_|set_|reset_|install|load|attach)/;

Deno.test("sql runs none of DuckDB's functions over tables that does more than to read", async () => {
  const { data } = await sql(
    "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type LIKE 'table%'",
  );
  const names = data.trim().split("\n").slice(1);
  const refused: string[] = [];
  using session = await SqlSession.open(DEFAULTS, new AbortController().signal);
  for (const name of names) {
    try {
      await session.ask(`FROM ${name}()`, 0);
    } catch (error) {
      if (/statements may only read/.test(String(error))) refused.push(name);
    }
  }
  assert.ok(refused.length >= 9, refused.join());
  // `check_peg_parser` is for those who work on DuckDB.
  const known = names.filter((name) => DOING.test(name));
  assert.deepEqual(refused.filter((name) => !name.startsWith("check_")).sort(), known.sort());
});

Deno.test("sql explains queries and shows what there is, whatever stands around it", async () => {
  for (
    const query of [
      "EXPLAIN(ANALYZE) SELECT count(*) FROM packets",
      "/* a /* b */ c */ EXPLAIN -- d\nANALYZE SELECT count(*) FROM packets",
      "EXPLAIN (FORMAT json) SELECT count(*) FROM packets",
      "EXPLAIN FROM connections",
      "DESCRIBE packets",
      "SUMMARIZE packets",
      "SHOW TABLES",
      "PRAGMA show_tables",
      "PRAGMA table_info('packets')",
      "PIVOT packets ON protocol IN ('TCP', 'UDP') USING count(*) GROUP BY direction",
      "SELECT * FROM query('SELECT 1'), generate_series(1, 2), unnest([1])",
    ]
  ) assert.ok((await sql(query, { format: "table" })).data.length > 20, query);
  const { message, hint } = await refusal("PIVOT packets ON protocol USING count(*)");
  assert.match(message, /a PIVOT must name the values/);
  assert.match(hint!, / IN \('TCP', 'UDP'\)/);
});

Deno.test("sql --unrestricted writes where it is told", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("out.csv");
  const text = `CREATE TABLE x AS SELECT 1 AS a; COPY x TO '${path}'; SELECT * FROM '${path}'`;
  const { data } = await sql(text, { isUnrestricted: true, format: "table" });
  assert.match(data, /\na\n1\n1 row\n$/);
  assert.equal(Deno.readTextFileSync(path), "a\n1\n");
});

Deno.test("sql joins tables of the user's own", async () => {
  using directory = TempDirectory.create();
  const tables = [
    ["hosts", "hosts.csv", "ip,owner\n10.0.0.1,web\n10.0.0.2,Änne\n"],
    ["more", "more.ndjson", '{"ip":"10.0.0.1","rack":7}\n'],
  ].map(([name, file, text]) => {
    Deno.writeTextFileSync(directory.file(file!), text!);
    return { name: name!, path: directory.file(file!) };
  });
  tables.push({ name: "other", path: fixturePath("lossy") });
  const { data } = await sql(
    `SELECT owner, rack, count(*) AS n, (SELECT count(*) FROM other) > 0 AS o FROM packets
     JOIN hosts ON source_ip = hosts.ip LEFT JOIN more USING (ip) GROUP BY ALL ORDER BY owner`,
    { tables },
  );
  assert.match(data, /^owner,rack,n,o\nweb,7,\d+,true\nÄnne,,\d+,true\n$/);
  const missing = await refusal("SELECT 1", {
    tables: [{ name: "a", path: directory.file("no.csv") }],
  });
  assert.match(missing.message, /^Cannot read ".*no\.csv": no such file/);
  Deno.writeTextFileSync(directory.file("bad.parquet"), "not Parquet");
  const bad = await refusal("SELECT 1", {
    tables: [{ name: "a", path: directory.file("bad.parquet") }],
  });
  assert.match(bad.message, /^Cannot read ".*bad\.parquet" as table "a": /);
  assert.doesNotMatch(bad.message, /\/proc\//);
});

Deno.test("sql does not write its answer over a table that it reads", async () => {
  const path = fixturePath("lossy");
  const checked: string[] = [];
  await runSql({ ...DEFAULTS, query: "SELECT 1 AS a", tables: [{ name: "other", path }] }, {
    data: () => {},
    note: () => {},
    screen: { width: null, colour: false },
    checkNoneIs: (paths) => void checked.push(...paths),
  });
  assert.deepEqual(checked, [fixturePath("complete"), path]);
});

Deno.test("sql asks only what is selected, and says what the recording lacks", async () => {
  const selection = { ...EVERYTHING, direction: "in" as const };
  const { data } = await sql("SELECT DISTINCT direction FROM packets", { selection });
  assert.equal(data, "direction\ningress\n");
  const flows = await sql("SELECT DISTINCT direction FROM flows", { selection });
  assert.equal(flows.data, "direction\ningress\n");
  const { note } = await sql("SELECT 1", { files: [fixturePath("lossy")] });
  assert.equal(note, "lost 1,234 of 5,000,000 packets (0.02 %), ring full\n");
  using directory = TempDirectory.create();
  const path = directory.file("sampled.parquet");
  await writeRecording(path, mixedPackets(), {
    ...recordingMetadata(36),
    [FILE_METADATA_KEY.sampleRate]: "10",
  });
  const sampled = await sql("SELECT sum_packets(sample_rate) AS n FROM packets", { files: [path] });
  assert.equal(sampled.data, "n\n360\n");
  assert.match(sampled.note, /rows of packets are not scaled: sum_packets\(sample_rate\)/);
});

Deno.test("sql takes its query from a file, which may be none", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("query.sql");
  Deno.writeTextFileSync(path, "-- how many\nSELECT count(*) AS n\nFROM packets;\n");
  const options = { ...DEFAULTS, queryFile: path };
  let data = "";
  await runSql(options, { ...processOutput(), data: (part) => data += part, note: () => {} });
  assert.equal(data, "n\n36\n");
  const read = (queryFile: string) => runSql({ ...options, queryFile }, processOutput());
  await assert.rejects(
    read(directory.file("none")),
    /Cannot read the query from ".*none": no such file/,
  );
  Deno.writeFileSync(path, new Uint8Array([0xff, 0xfe]));
  await assert.rejects(read(path), /: it is not UTF-8$/);
  Deno.writeTextFileSync(path, "SELECT 1\0");
  await assert.rejects(read(path), /: it contains a NUL byte$/);
});

Deno.test("sql ends by its time", async () => {
  const endless = "SELECT count(*) FROM range(100000000000) t(i) WHERE hash(i) = 5";
  const { message } = await refusal(endless, { timeoutMs: 1500 });
  assert.match(message, /^Cannot finish the query: it takes longer than/);
});

Deno.test("sql reads its command line", () => {
  const options = (...args: string[]) => called(["sql", ...args]).options as SqlOptions;
  assert.deepEqual(options("SELECT 1").query, "SELECT 1");
  // A comment is no flag.
  for (const query of ["-- how many\nSELECT 1", "--how many\nSELECT 1", "--\nSELECT 1", "-- x"]) {
    assert.deepEqual(options("-f", "a.parquet", query, "--json").query, query);
  }
  assert.throws(() => options("--how", "SELECT 1"), /^UsageError: Unknown flag "--how"/);
  assert.deepEqual(options("-F", "a.sql", "-f", "b.parquet").files, ["b.parquet"]);
  assert.deepEqual(options("--table", "a=b=c.csv", "--table", "d=e.json").tables, [
    { name: "a", path: "b=c.csv" },
    { name: "d", path: "e.json" },
  ]);
  assert.equal(options("SELECT 1", "-o", "x.parquet").format, "parquet");
  const cases: [args: string[], message: RegExp][] = [
    [["SELECT", "1"], /"sql" takes one query$/],
    [["SELECT 1", "-F", "a"], /--query-file together with a query$/],
    [["--table", "a"], /it names no file$/],
    [["--table", "1a=b.csv"], /its name is none of SQL$/],
    [["--table", "Packets=b.csv"], /its name is taken$/],
    [["--table", "a=b.txt"], /its file does not say what it is$/],
    [["--table", "a=b.csv", "--table", "A=c.csv"], /two tables "a"$/],
  ];
  for (const [args, message] of cases) assert.throws(() => options(...args), message);
});
