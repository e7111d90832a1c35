import assert from "node:assert/strict";
import { join } from "node:path";
import { parseRecordingState } from "../../../../src/contract/recording_state.ts";
import { GrowingFile } from "../../../../src/parquet/growing_file.ts";
import { OutputFile } from "../../../../src/sinks/output/output_file.ts";
import type { RetentionLimits } from "../../../../src/sinks/output/retention.ts";
import { SeriesNames } from "../../../../src/sinks/output/series_names.ts";
import { type SeriesFile, SeriesOutput } from "../../../../src/sinks/output/series_output.ts";
import { growingPaths } from "../../../../src/sinks/segments/segment_names.ts";
import { PROJECT } from "../../../support/inspector_cli.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";
import { footerOf } from "../readers.ts";

const RECORDING = join(PROJECT, "tests", "testdata", "complete.parquet");
const OURS = { "xdp_inspector.schema_version": "1" };
const START = Date.UTC(2026, 10, 25, 12);
const NO_LIMITS: RetentionLimits = { files: null, bytes: null, ageMs: null, minFreeBytes: 0 };

function nameAt(ms: number): string {
  return new SeriesNames("eth0", null).next(START + ms);
}

function file(number: number, ms = number): SeriesFile {
  return { number, startedMs: START + ms, metadata: { ...OURS, of: String(number) } };
}

/** A series, and what it has said. */
class Rig implements Disposable {
  readonly directory = TempDirectory.create();
  readonly output = OutputFile.prepare(this.directory.file("x.parquet"), { noClobber: false });
  readonly said: string[] = [];

  series(limits: Partial<RetentionLimits> = {}, host: string | null = null): SeriesOutput {
    const inside = (path: string) => path.slice(this.directory.path.length + 1);
    return new SeriesOutput(
      this.output,
      new SeriesNames("eth0", host),
      { ...NO_LIMITS, ...limits },
      {
        onClosed: (path) => this.said.push(`closed ${inside(path)}`),
        onRemoved: (names) => this.said.push(`removed ${names.join(" ")}`),
        onWarning: (text) => this.said.push(text.replace(this.directory.path, "")),
      },
    );
  }

  /** Puts the rows of a recording into a file that is open. */
  write({ number }: SeriesFile): void {
    using growing = GrowingFile.create(growingPaths(this.output.workDirectory, number));
    growing.take({ path: RECORDING, number, endRow: null, counts: [] });
  }

  /** Begins, writes and finishes a file. */
  async make(series: SeriesOutput, one: SeriesFile): Promise<number> {
    series.begin(one);
    this.write(one);
    return await series.finish(one);
  }

  /** What is known of the files that are open. */
  get state() {
    const text = Deno.readTextFileSync(join(this.output.workDirectory, "recording.json"));
    return parseRecordingState(text)!.parts;
  }

  /** Names of the finished files. */
  get files(): string[] {
    return this.directory.list().filter((name) => !name.startsWith("."));
  }

  [Symbol.dispose](): void {
    this.output[Symbol.dispose]();
    this.directory[Symbol.dispose]();
  }
}

Deno.test("SeriesOutput tells whoever finds its directory of each file from its beginning until it has its name", async () => {
  using rig = new Rig();
  const series = rig.series();
  series.begin(file(1));
  const first = { number: 1, name: nameAt(1), metadata: { ...OURS, of: "1" } };
  assert.deepEqual(rig.state, [first]);
  rig.write(file(1));
  series.begin(file(2));
  const second = { number: 2, name: nameAt(2), metadata: { ...OURS, of: "2" } };
  assert.deepEqual(rig.state, [first, second]);
  series.know({ more: "lost" });
  const known = { ...second, metadata: { ...OURS, of: "2", more: "lost" } };
  assert.deepEqual(rig.state, [first, known]);
  await series.finish(file(1));
  assert.deepEqual(rig.state, [known]);
  rig.write(file(2));
  await series.finish(file(2));
  assert.deepEqual(rig.state, []);
  series.know({ more: "nothing is open" });
  assert.deepEqual(rig.state, []);
});

Deno.test("SeriesOutput.finish() gives a file its footer and its name, and leaves nothing of it", async () => {
  using rig = new Rig();
  const bytes = await rig.make(rig.series(), file(1));
  assert.deepEqual(rig.files, [nameAt(1)]);
  const path = rig.directory.file(nameAt(1));
  assert.equal(bytes, Deno.statSync(path).size);
  assert.ok(
    footerOf(path).key_value_metadata!.some(({ key, value }) => `${key} ${value}` === "of 1"),
  );
  assert.deepEqual([...Deno.readDirSync(rig.output.workDirectory)].map(({ name }) => name), [
    "recording.json",
  ]);
  assert.deepEqual(rig.said, [`closed ${nameAt(1)}`]);
});

Deno.test("SeriesOutput.finish() takes the next names where some are taken", async () => {
  using rig = new Rig();
  for (const ms of [1, 2]) Deno.writeTextFileSync(rig.directory.file(nameAt(ms)), "taken");
  const series = rig.series();
  await rig.make(series, file(1));
  await rig.make(series, file(2));
  assert.deepEqual(rig.said, [`closed ${nameAt(3)}`, `closed ${nameAt(4)}`]);
  assert.deepEqual(rig.files, [1, 2, 3, 4].map(nameAt));
});

Deno.test("SeriesOutput.finish() says why a file could not be given to its user", async () => {
  using rig = new Rig();
  const publishPart = rig.output.publishPart.bind(rig.output);
  rig.output.publishPart = (...args) => ({ ...publishPart(...args), refusal: "no such user" });
  await rig.make(rig.series(), file(1));
  assert.deepEqual(rig.said, [
    `Cannot give "/${nameAt(1)}" to its user: no such user`,
    `closed ${nameAt(1)}`,
  ]);
});

Deno.test("SeriesOutput.finish() removes what goes beyond the limits, also from its days", async () => {
  for (const host of [null, "web1"]) {
    using rig = new Rig();
    const series = rig.series({ files: 1 }, host);
    const before = host === null ? "" : "host=web1/date=2026-11-25/";
    await rig.make(series, file(1));
    await rig.make(series, file(2));
    assert.deepEqual(rig.said, [
      `closed ${before}${nameAt(1)}`,
      `closed ${before}${nameAt(2)}`,
      `removed ${before}${nameAt(1)}`,
    ]);
    const names = [...Deno.readDirSync(rig.directory.file(before))].map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name.endsWith("Z.parquet")), [nameAt(2)]);
  }
});

Deno.test("SeriesOutput.begin() counts the file that has ended and has no name yet", async () => {
  using rig = new Rig();
  for (const ms of [1, 2, 3]) Deno.copyFileSync(RECORDING, rig.directory.file(nameAt(ms)));
  const { size } = Deno.statSync(RECORDING);
  // Three files, room for the work of one as large, and for what is said of it.
  const series = rig.series({ bytes: 3 * size + 2 * size + 4096 + 10 });
  series.begin(file(1, 10));
  assert.deepEqual(rig.said, []);
  rig.write(file(1, 10));
  series.begin(file(2, 20));
  assert.deepEqual(rig.said, [`removed ${nameAt(1)}`]);
  await series.finish(file(1, 10));
});
