/** A file that is replaced or written to while a report reads it. */
import assert from "node:assert/strict";
import { Recordings } from "../../../src/query/recordings.ts";
import { QuerySession } from "../../../src/query/session.ts";
import { mixedPackets } from "../../support/fixture_packets.ts";
import { metadataOf, writeRecording } from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** XDP_INSPECTOR_RACE_ROUNDS asks for more. */
const ROUNDS = Number(Deno.env.get("XDP_INSPECTOR_RACE_ROUNDS") ?? 80);

interface Two {
  readonly directory: TempDirectory;
  readonly path: string;
  /** Puts the other recording under the name. */
  replace(): void;
}

/** Two recordings of one name: of 36 packets through eth0, and of 3 through eth1. */
async function twoRecordings(): Promise<Two> {
  const directory = TempDirectory.create();
  const packets = mixedPackets();
  const few = packets.slice(0, 3).map((packet) => ({ ...packet, interface: "eth1" }));
  await writeRecording(directory.file("0"), packets, metadataOf(packets));
  await writeRecording(directory.file("1"), few, metadataOf(few));
  const path = directory.file("traffic.parquet");
  Deno.copyFileSync(directory.file("0"), path);
  let turn = 0;
  const replace = () => {
    turn = 1 - turn;
    Deno.copyFileSync(directory.file(String(turn)), directory.file("next"));
    Deno.renameSync(directory.file("next"), path);
  };
  return { directory, path, replace };
}

/** Calls `act` before the query or statements of this number that a session runs. */
async function beforeStatement<T>(number: number, act: () => void, run: () => Promise<T>) {
  const { stream, execute } = QuerySession.prototype;
  let count = 0;
  const next = () => {
    if (count++ === number) act();
  };
  QuerySession.prototype.stream = function (...parameters) {
    next();
    return stream.apply(this, parameters);
  };
  QuerySession.prototype.execute = function (...parameters) {
    next();
    return execute.apply(this, parameters);
  };
  try {
    return { result: await run(), statements: count };
  } finally {
    Object.assign(QuerySession.prototype, { stream, execute });
  }
}

async function answers(path: string): Promise<string> {
  using recordings = await Recordings.open([path]);
  const { packets } = await recordings.overview();
  // The lengths of addresses are looked at before.
  const sql =
    "SELECT interface, count(*) FROM packets GROUP BY interface, source_ip IS NULL AND false";
  const rows = (await Array.fromAsync(recordings.rows({ sql, parameters: {} }))).flat();
  const { counters: { captured } } = recordings.completeness;
  const isWhole = await recordings.contentMismatch() === null;
  recordings.checkUnchanged();
  return [packets, rows.join(), captured, isWhole].join(" ");
}

/** The answers; or that there are none, which is the only other thing to say. */
async function answersOrReplaced(path: string): Promise<string> {
  try {
    return await answers(path);
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.equal(error.message, `Cannot read "${path}": it was replaced while it was read`);
    return REPLACED;
  }
}

const REPLACED = "replaced";
const WHOLE = ["36 eth0,36 36 true", "3 eth1,3 3 true"];

Deno.test("Recordings answers from one file when its name is given to another at any step", async () => {
  const { directory, path, replace } = await twoRecordings();
  using _directory = directory;
  const { statements } = await beforeStatement(-1, () => {}, () => answers(path));
  assert.ok(statements > 5);
  let replaced = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const before = WHOLE.indexOf(await answers(path));
    const step = round % statements;
    const { result } = await beforeStatement(step, replace, () => answersOrReplaced(path));
    if (result !== REPLACED) assert.equal(result, WHOLE[before], `step ${step}`);
    replaced += result === REPLACED ? 1 : 0;
  }
  assert.ok(replaced > 0);
});

Deno.test("Recordings answers from one file while names change all the time", async () => {
  const { directory, path, replace } = await twoRecordings();
  using _directory = directory;
  const timer = setInterval(replace, 1);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const result = await answersOrReplaced(path);
      assert.ok([REPLACED, ...WHOLE].includes(result), result);
    }
  } finally {
    clearInterval(timer);
  }
});

Deno.test("Recordings refuses to answer from a file that is written to", async () => {
  const { directory, path } = await twoRecordings();
  using _directory = directory;
  const { statements } = await beforeStatement(-1, () => {}, () => answers(path));
  const other = Deno.readFileSync(directory.file("1"));
  for (let step = 0; step < statements; step++) {
    Deno.copyFileSync(directory.file("0"), path);
    await assert.rejects(
      beforeStatement(step, () => Deno.writeFileSync(path, other), () => answers(path)),
      { name: "RunError", message: `Cannot read "${path}": it was changed while it was read` },
    );
  }
});
