import assert from "node:assert/strict";
import { join } from "node:path";
import { NO_SERIES } from "../../../src/cli/output_flags.ts";
import type { RecordOptions } from "../../../src/cli/record_options.ts";
import { Series } from "../../../src/commands/record/series.ts";
import { notices } from "../../../src/core/notices.ts";
import { GrowingFile } from "../../../src/parquet/growing_file.ts";
import { OutputFile } from "../../../src/sinks/output/output_file.ts";
import { growingPaths } from "../../../src/sinks/segments/segment_names.ts";
import { waitFor } from "../../support/deadline.ts";
import { FakeIntervals } from "../../support/fake_intervals.ts";
import { PROJECT } from "../../support/inspector_cli.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const LIMIT_MS = 20_000;
const RECORDING = join(PROJECT, "tests", "testdata", "complete.parquet");
const OLD = ["20260101", "20260102", "20260103"].map((day) => `eth0-${day}T000000.000Z.parquet`);

/** A directory, and what is said. */
class Rig implements Disposable {
  readonly directory = TempDirectory.create();
  readonly output = OutputFile.prepare(this.directory.file("x.parquet"), { noClobber: false });
  readonly said: string[] = [];
  readonly #say = notices.say;

  constructor() {
    notices.say = (text) => {
      this.said.push(text.replaceAll(this.directory.path, ""));
    };
  }

  series(
    options: Partial<typeof NO_SERIES> = {},
    verbosity: RecordOptions["verbosity"] = "normal",
    minFreeBytes = 0,
  ): Series {
    return new Series(this.output, { ...NO_SERIES, ...options }, verbosity, "eth0", minFreeBytes);
  }

  /** Makes a file of the series. */
  async make({ plan }: Series): Promise<void> {
    const metadata = { "xdp_inspector.schema_version": "1" };
    const file = { number: 1, startedMs: Date.UTC(2026, 1), metadata };
    plan.onBegin(file);
    {
      using growing = GrowingFile.create(growingPaths(this.output.workDirectory, 1));
      growing.take({ path: RECORDING, number: 1, endRow: null, counts: [] });
    }
    await plan.finish(file);
  }

  /** Puts files of earlier recordings there. */
  makeOld(): void {
    for (const name of OLD) Deno.copyFileSync(RECORDING, this.directory.file(name));
  }

  /** Names of the finished files. */
  get files(): string[] {
    return this.directory.list().filter((name) => !name.startsWith("."));
  }

  [Symbol.dispose](): void {
    notices.say = this.#say;
    this.output[Symbol.dispose]();
    this.directory[Symbol.dispose]();
  }
}

const NEW = "eth0-20260201T000000.000Z.parquet";

Deno.test("Series says what becomes of files only when asked for more", async () => {
  for (const verbosity of ["normal", "verbose"] as const) {
    using rig = new Rig();
    rig.makeOld();
    using series = rig.series({ keepFiles: 3 }, verbosity);
    await rig.make(series);
    assert.deepEqual(rig.files, [OLD[1], OLD[2], NEW]);
    const told = [`closed "/${NEW}"\n`, `removed "${OLD[0]}", by the limits\n`];
    assert.deepEqual(rig.said, verbosity === "verbose" ? told : []);
  }
});

Deno.test("Series says what went wrong, however little it is to say", async () => {
  using rig = new Rig();
  using series = rig.series({ onClose: "test 1 -eq 2 &&" }, "quiet");
  const publishPart = rig.output.publishPart.bind(rig.output);
  rig.output.publishPart = (...args) => ({ ...publishPart(...args), refusal: "no such user" });
  await rig.make(series);
  await series.done;
  assert.deepEqual(rig.said, [
    `Cannot give "/${NEW}" to its user: no such user\n`,
    `"test 1 -eq 2 &&" for "/${NEW}" ended with 1\n`,
  ]);
});

Deno.test("Series looks each second for files that are too old, from its start to its stop", () => {
  using intervals = FakeIntervals.install();
  using rig = new Rig();
  rig.makeOld();
  using series = rig.series({ keepAgeMs: 1 });
  assert.deepEqual(intervals.running, []);
  series.start(() => {});
  assert.deepEqual(intervals.running, [1000]);
  assert.deepEqual(rig.files, OLD);
  intervals.pass();
  assert.deepEqual(rig.files, [OLD[2]]);
  rig.output.withRights = () => {
    throw new Error("a test");
  };
  intervals.pass();
  assert.deepEqual(rig.said, ["Cannot remove old files: a test\n"]);
  series.stop();
  assert.deepEqual(intervals.running, []);
});

Deno.test("Series removes files where the disk has less room than has to stay free", () => {
  using intervals = FakeIntervals.install();
  using rig = new Rig();
  rig.makeOld();
  using series = rig.series({ keepFiles: 3 }, "normal", 2 ** 60);
  series.start(() => {});
  intervals.pass();
  assert.deepEqual(rig.files, [OLD[2]]);
});

Deno.test("Series asks for another file at the multiples of its time, until it is stopped", async () => {
  using rig = new Rig();
  const { now } = Date;
  let ms = 500;
  let asked = 0;
  Date.now = () => ms;
  try {
    using series = rig.series({ rotateMs: 1000 });
    series.start(() => asked++);
    ms = 1000;
    await waitFor("another file", LIMIT_MS, () => asked === 1);
    series.stop();
    ms = 10_000;
    await new Promise((resume) => setTimeout(resume, 1500));
    assert.equal(asked, 1);
  } finally {
    Date.now = now;
  }
});
