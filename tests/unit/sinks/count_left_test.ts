import assert from "node:assert/strict";
import { join } from "node:path";
import { finishGrowing, GrowingFile } from "../../../src/parquet/growing_file.ts";
import { countLeft } from "../../../src/sinks/recovery/count_left.ts";
import { growingPaths } from "../../../src/sinks/segments/segment_names.ts";
import { SegmentStore } from "../../../src/sinks/segments/segment_store.ts";
import { TempDirectory } from "../../support/temp_directory.ts";
import { ATTACHMENTS, batchesOf, PACKETS } from "./packets.ts";

const [{ batch }] = batchesOf(Array.from({ length: 1000 }, () => PACKETS.tcp4)) as [
  ReturnType<typeof batchesOf>[number],
];

/** What `rows` rows of the batch come to. */
function countsOf(rows: number) {
  const counts: [number, number][] = [];
  for (let row = 0; row < rows; row++) {
    const number = batch.attachment[row]!;
    for (let one = counts.length; one <= number; one++) counts.push([0, 0]);
    const [count, bytes] = counts[number]!;
    counts[number] = [count + 1, bytes + batch.packetLength[row]!];
  }
  return counts;
}

Deno.test("countLeft() counts rows of the open file, of segments and of tails, each once", async () => {
  using directory = TempDirectory.create();
  const metadata = { "xdp_inspector.sample_rate": "1" };
  using store = await SegmentStore.create({
    directory: directory.path,
    attachments: ATTACHMENTS,
    metadata,
  });
  // One is in the file, one is closed, and one is open, with two tails of which one holds both.
  const paths = growingPaths(directory.path, 1);
  store.append(batch, 100);
  store.writeOpen();
  {
    using growing = GrowingFile.create(paths);
    growing.take(store.closed[0]!);
  }
  store.append(batch, 200);
  store.writeOpen();
  store.append(batch, 10);
  store.secure();
  store.append(batch, 20);
  store.secure();
  // In memory only.
  store.append(batch, 50);

  assert.deepEqual(
    countLeft(directory.path, 1),
    countsOf(1000).map(([, bytes]) => {
      return [330, 330 * bytes / 1000];
    }),
  );
  // A damaged one counts for nothing.
  Deno.writeTextFileSync(join(directory.path, "000002.parquet"), "PAR1");
  assert.equal(countLeft(directory.path, 1)[0]?.[0], 130);
  finishGrowing(paths, {});
  assert.deepEqual(countLeft(directory.file("missing"), 1), []);
});

Deno.test("SegmentStore.secure() leaves no file of rows that it could not bring onto the disk", async () => {
  using directory = TempDirectory.create();
  using store = await SegmentStore.create({ directory: directory.path, attachments: ATTACHMENTS });
  store.append(batch, 10);
  const openSync = Deno.openSync;
  Deno.openSync = (path, options) => {
    if (String(path).includes(".tail-")) throw new Error("a test");
    return openSync(path, options);
  };
  try {
    assert.throws(() => store.secure(), /a test/);
  } finally {
    Deno.openSync = openSync;
  }
  assert.deepEqual(directory.list(), []);
  store.secure();
  assert.deepEqual(directory.list(), ["000001.tail-0-10"]);
});
