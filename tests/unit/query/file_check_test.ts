import assert from "node:assert/strict";
import { checkParquetFile } from "../../../src/query/file_check.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** Bytes of a file with nothing but magic at both ends and the footer's length. */
const FRAME_BYTES = 12;

/** Checks a file of `size` bytes that says that its footer has `footerBytes`. */
function check(size: number, footerBytes: number): void {
  using directory = TempDirectory.create();
  const bytes = new Uint8Array(size);
  const magic = new TextEncoder().encode("PAR1");
  bytes.set(magic);
  new DataView(bytes.buffer).setUint32(size - 8, footerBytes, true);
  bytes.set(magic, size - 4);
  const path = directory.file("a.parquet");
  Deno.writeFileSync(path, bytes);
  checkParquetFile({ path, label: "a.parquet", named: true });
}

const DAMAGED = {
  name: "RunError",
  message: 'Cannot read "a.parquet": the Parquet footer is damaged',
};

Deno.test("checkParquetFile() takes a footer that fills the file", () => {
  check(FRAME_BYTES + 1, 1);
  check(FRAME_BYTES + 100, 100);
  check(FRAME_BYTES + 100, 1);
});

Deno.test("checkParquetFile() refuses a footer that is longer than the room between the magic numbers", () => {
  for (const excess of [1, 4, 8, 12, 13, 2 ** 31]) {
    assert.throws(() => check(FRAME_BYTES + 100, 100 + excess), DAMAGED, String(excess));
  }
});

Deno.test("checkParquetFile() refuses a footer of no bytes", () => {
  assert.throws(() => check(FRAME_BYTES, 0), DAMAGED);
  assert.throws(() => check(FRAME_BYTES + 100, 0), DAMAGED);
});
