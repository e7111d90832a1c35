/** Recordings without a kernel: a source of the test's own, and the sinks of the program. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import type { RecordingReport } from "../../../src/contract/recording_report.ts";
import { within } from "../../support/deadline.ts";
import { PROJECT } from "../../support/inspector_cli.ts";
import { TempDirectory } from "../../support/temp_directory.ts";
import { PACKETS, rowOf } from "../sinks/packets.ts";
import { assertRows, footerOf, readWithHyparquet } from "../sinks/readers.ts";

/** Limit for what takes two seconds on an idle machine. */
const LIMIT_MS = 120_000;

/** More than the queue holds in batches of a thousand. */
const ROUNDS = 7000;

const EXPECTED = Array.from({ length: ROUNDS }, () => Object.values(PACKETS)).flat().map(rowOf);

/** Records into the kinds of sinks, in this order. */
async function record(directory: string, kinds: string) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tests/support/two_sinks_probe.ts", directory, kinds, String(ROUNDS)],
    cwd: PROJECT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, stdout, stderr } = await within(
    "the end of the recording",
    LIMIT_MS,
    child.output(),
    () => child.kill("SIGKILL"),
  );
  const said = new TextDecoder().decode(stderr);
  assert.equal(code, 0, said);
  return { stream: stdout, report: JSON.parse(said) as RecordingReport };
}

function assertStream(stream: Uint8Array): void {
  const table = tableFromIPC(stream);
  assert.equal(table.schema.metadata.has(FILE_METADATA_KEY.schemaVersion), true);
  assert.equal(table.numRows, EXPECTED.length);
  for (const name of ["timestamp", "interface", "source_ip", "protocol", "tcp_sequence"] as const) {
    // One by one, timestamps lose their last digits.
    const child = table.getChild(name)!;
    const column = name === "timestamp" ? child.toArray() : [...child];
    const differs = EXPECTED.findIndex((row, index) => row[name] !== column[index]);
    assert.equal(differs, -1, `${name} of row ${differs}: ${column[differs]}`);
  }
}

async function assertFile(path: string): Promise<void> {
  assertRows(await readWithHyparquet(path), EXPECTED);
  const metadata = footerOf(path).key_value_metadata!;
  const counters = metadata.find(({ key }) => key === FILE_METADATA_KEY.counters)!;
  assert.equal(JSON.parse(counters.value!).packets_captured, EXPECTED.length);
}

Deno.test("Recording writes every packet of its source to a file and to a stream, at once", async () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "complete.parquet");
  const { stream, report } = await record(directory.path, "parquet,arrow");
  assertStream(stream);
  await assertFile(path);
  // The cut is one for all sinks: two segments, whose data is in the file and nowhere else.
  assert.equal(footerOf(path).row_groups.length, 2);
  assert.deepEqual(directory.list(), ["complete.parquet"]);
  assert.equal(report.rows_written, EXPECTED.length);
  assert.equal(report.file_bytes, Deno.statSync(path).size);
});

Deno.test("Recording tells the bytes of its first sink", async () => {
  using directory = TempDirectory.create();
  const { stream, report } = await record(directory.path, "arrow,parquet");
  assertStream(stream);
  await assertFile(join(directory.path, "complete.parquet"));
  assert.equal(report.file_bytes, stream.length);
});
