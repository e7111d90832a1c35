import assert from "node:assert/strict";
import { NO_SERIES } from "../../../src/cli/output_flags.ts";
import type { RecordOptions } from "../../../src/cli/record_options.ts";
import {
  describeKnown,
  describeOutput,
  filePlan,
  openSeries,
} from "../../../src/commands/record/output_plan.ts";
import { parseRecordingState } from "../../../src/contract/recording_state.ts";
import { usualFreeBytes } from "../../../src/sinks/disk_room.ts";
import { OutputFile } from "../../../src/sinks/output/output_file.ts";
import { FAKE_ATTACHMENTS } from "../../support/fake_counts.ts";
import { FakeIntervals } from "../../support/fake_intervals.ts";
import { PROJECT } from "../../support/inspector_cli.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const WRITING = { flushMs: 7000, onError: "drop", minFreeBytes: null, series: null } as const;

function options(more: Partial<RecordOptions>): RecordOptions {
  return { ...WRITING, verbosity: "normal", ...more } as RecordOptions;
}

Deno.test("filePlan() passes on what is said about the way to the disk", () => {
  using directory = TempDirectory.create();
  using output = OutputFile.prepare(directory.file("x.parquet"), { noClobber: false });
  const { workDirectory, temporaryPath: path } = output;
  const usual = usualFreeBytes(workDirectory);
  const plan = { type: "parquet", workDirectory, path, flushMs: 7000, onError: "drop" };
  assert.deepEqual(filePlan(output, options({})), { ...plan, minFreeBytes: usual });
  // 0 is said, too.
  for (const minFreeBytes of [0, 12_345]) {
    assert.deepEqual(filePlan(output, options({ minFreeBytes })), { ...plan, minFreeBytes });
  }
  for (const [rotateBytes, partBytes] of [[null, 0], [4096, 4096]] as const) {
    assert.deepEqual(
      filePlan(output, options({ minFreeBytes: 0, series: { ...NO_SERIES, rotateBytes } })),
      { ...plan, minFreeBytes: 0, series: { partBytes } },
    );
  }
});

Deno.test("openSeries() passes on how much has to stay free", () => {
  using intervals = FakeIntervals.install();
  using directory = TempDirectory.create();
  const names = ["20260101", "20260102"].map((day) => `eth0-${day}T000000.000Z.parquet`);
  const fixture = `${PROJECT}/tests/testdata/empty.parquet`;
  for (const name of names) Deno.copyFileSync(fixture, directory.file(name));
  using output = OutputFile.prepare(directory.file("x.parquet"), { noClobber: false });
  const keeping = { ...NO_SERIES, keepFiles: 2 };
  for (const [minFreeBytes, left] of [[0, 2], [2 ** 60, 1]] as const) {
    using series = openSeries(output, options({ minFreeBytes }), keeping, "eth0");
    series.start(() => {});
    intervals.pass();
    const files = directory.list().filter((name) => !name.startsWith("."));
    assert.deepEqual(files, names.slice(-left));
  }
});

Deno.test("describeKnown() leaves word of what a killed recorder knew, of one file and of a series", () => {
  const attached = FAKE_ATTACHMENTS.map((one) => ({ ...one, reason: "" }));
  const capture = { attached, sampleRate: 10, filter: "udp", startedNs: 0n };
  const known = { "xdp_inspector.loss_intervals": "[1]" };
  const filter = "xdp_inspector.filter";
  using directory = TempDirectory.create();
  using output = OutputFile.prepare(directory.file("x.parquet"), { noClobber: false });
  const partsLeft = () => {
    const text = Deno.readTextFileSync(`${output.workDirectory}/recording.json`);
    return parseRecordingState(text)!.parts.map(({ number, name, metadata }) => {
      const { "xdp_inspector.loss_intervals": losses, [filter]: expression } = metadata;
      return [number, name, losses, expression];
    });
  };
  describeOutput(output, capture);
  assert.deepEqual(partsLeft(), [[1, "x.parquet", undefined, "udp"]]);
  describeKnown(known, output, capture, null);
  assert.deepEqual(partsLeft(), [[1, "x.parquet", "[1]", "udp"]]);
  using series = openSeries(output, options({ minFreeBytes: 0 }), NO_SERIES, "eth0");
  for (const number of [1, 2]) {
    series.plan.onBegin({ number, startedMs: number, metadata: { [filter]: "tcp" } });
  }
  describeKnown(known, output, capture, series);
  const names = [1, 2].map((ms) => `eth0-19700101T000000.00${ms}Z.parquet`);
  assert.deepEqual(partsLeft(), [[1, names[0], undefined, "tcp"], [2, names[1], "[1]", "tcp"]]);
});
