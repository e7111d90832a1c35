import assert from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import { type DuckdbChunk, DuckdbEngine, type TableColumn } from "../../../ffi/mod.ts";
import { DUCKDB_TYPE } from "../../../ffi/duckdb/duckdb_type.ts";
import { libc } from "../../../ffi/linux/load_libc.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const SETTINGS = { threads: "1" } as const;

// Opened here, because an open library counts as a leak of the test that opens it.
libc();
(await DuckdbEngine.open(SETTINGS))[Symbol.dispose]();

/** Rows of one chunk. */
function once(columns: TableColumn[], rows: number, fill: (chunk: DuckdbChunk) => void) {
  let isDone = false;
  return {
    columns,
    rows,
    fill(chunk: DuckdbChunk): number {
      if (isDone) return 0;
      isDone = true;
      fill(chunk);
      return rows;
    },
  };
}

function bytesOf(values: Uint16Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>) {
  return new Uint8Array(values.buffer);
}

Deno.test("DUCKDB_TYPE has the numbers of the library's header", () => {
  for (const [name, value] of Object.entries(DUCKDB_TYPE)) {
    assert.equal(value, duckdb.Type[name as keyof typeof DUCKDB_TYPE], name);
  }
});

Deno.test("DuckdbEngine reads our rows: plain values, ENUMs and rows without a value", async () => {
  using directory = TempDirectory.create();
  using engine = await DuckdbEngine.open(SETTINGS);
  engine.addTableFunction("ours");
  using port = engine.plainType("USMALLINT");
  using time = engine.plainType("TIMESTAMP_NS");
  using name = engine.enumType(["eth0", "", "ünï ☃", "last"]);
  const columns = [
    { name: "port", type: port },
    { name: 'the "time"', type: time },
    { name: "näme", type: name },
  ];
  const source = once(columns, 3, (chunk) => {
    chunk.setValues(0, bytesOf(Uint16Array.of(80, 0, 65535)));
    chunk.setValidity(0, bytesOf(BigInt64Array.of(0b101n)));
    chunk.setValues(1, bytesOf(BigInt64Array.of(0n, 1n, 1_700_000_000_123_456_789n)));
    chunk.setValues(2, Uint8Array.of(3, 2, 0));
  });
  const file = directory.file("rows.csv");
  engine.run(`COPY (SELECT * FROM ours()) TO '${file}'`, source);
  assert.equal(
    Deno.readTextFileSync(file),
    'port,"the ""time""",näme\n' +
      "80,1970-01-01 00:00:00,last\n" +
      ",1970-01-01 00:00:00.000000001,ünï ☃\n" +
      "65535,2023-11-14 22:13:20.123456789,eth0\n",
  );
});

Deno.test("DuckdbEngine asks for rows until there are none", async () => {
  using directory = TempDirectory.create();
  using engine = await DuckdbEngine.open(SETTINGS);
  engine.addTableFunction("ours");
  using type = engine.plainType("USMALLINT");
  let chunks = 0;
  const file = directory.file("sum.csv");
  engine.run(`COPY (SELECT count(*), sum(n) FROM ours()) TO '${file}' (HEADER false)`, {
    columns: [{ name: "n", type }],
    rows: 40 * engine.chunkRows,
    fill(chunk) {
      if (chunks === 40) return 0;
      chunk.setValues(0, bytesOf(new Uint16Array(engine.chunkRows).fill(++chunks)));
      return engine.chunkRows;
    },
  });
  assert.equal(Deno.readTextFileSync(file), `${40 * engine.chunkRows},${820 * engine.chunkRows}\n`);
});

Deno.test("DuckdbEngine.run() throws DuckDB's message, and can be used again", async () => {
  using engine = await DuckdbEngine.open(SETTINGS);
  assert.throws(() => engine.run("SELECT nothing"), /^Error: Binder Error: .*"nothing"/s);
  assert.throws(() => engine.run("SELEC"), /Parser Error/);
  engine.run("SELECT 1");
});

Deno.test("DuckdbEngine.run() throws what the source throws, and can be used again", async () => {
  using engine = await DuckdbEngine.open(SETTINGS);
  engine.addTableFunction("ours");
  using type = engine.plainType("BOOLEAN");
  const columns = [{ name: "is_set", type }];
  const failure = new RangeError("no more");
  const fill = () => {
    throw failure;
  };
  const sql = "SELECT * FROM ours()";
  assert.throws(() => engine.run(sql, { columns, rows: 1, fill }), (error) => error === failure);
  const broken = {
    get columns(): TableColumn[] {
      throw failure;
    },
    rows: 1,
    fill,
  };
  assert.throws(() => engine.run(sql, broken), (error) => error === failure);
  engine.run(sql, once(columns, 1, (chunk) => chunk.setValues(0, Uint8Array.of(1))));
});

Deno.test("DuckdbEngine.open() names a setting that DuckDB refuses", async () => {
  const settings = { ...SETTINGS, memory_limit: "plenty" };
  await assert.rejects(DuckdbEngine.open(settings), /memory_limit|plenty/);
  const unknown = { ...SETTINGS, colour: "blue" };
  await assert.rejects(DuckdbEngine.open(unknown), /colour/);
});

Deno.test("DuckdbEngine may be closed twice and throws when it is used after that", async () => {
  const engine = await DuckdbEngine.open(SETTINGS);
  engine[Symbol.dispose]();
  engine[Symbol.dispose]();
  assert.throws(() => engine.run("SELECT 1"), TypeError);
});

Deno.test("DuckdbType.hasByteCodes follows the number of values", async () => {
  using engine = await DuckdbEngine.open(SETTINGS);
  for (const [count, expected] of [[1, true], [255, true], [257, false], [65535, false]] as const) {
    using type = engine.enumType(Array.from({ length: count }, (_, index) => `${index}`));
    assert.equal(type.hasByteCodes, expected, `${count}`);
  }
});

Deno.test("DuckdbType gives its memory back when it is disposed of", async () => {
  using engine = await DuckdbEngine.open(SETTINGS);
  const texts = Array.from({ length: 10_000 }, (_, index) => `192.0.2.${index}`);
  const make = (count: number) => {
    for (let round = 0; round < count; round++) {
      using type = engine.enumType(texts);
      assert.ok(!type.hasByteCodes);
    }
  };
  make(30);
  const before = Deno.memoryUsage().rss;
  make(200);
  // Each takes about 0.7 MB: together 140.
  assert.ok(Deno.memoryUsage().rss - before < 50e6);
});

Deno.test("DuckdbType may be disposed of twice and throws when it is used after that", async () => {
  using engine = await DuckdbEngine.open(SETTINGS);
  const type = engine.plainType("UTINYINT");
  type[Symbol.dispose]();
  type[Symbol.dispose]();
  assert.throws(() => type.pointer, TypeError);
});
