import assert from "node:assert/strict";
import { leftParts, leftPieces, orphans } from "../../../src/sinks/recovery/left_files.ts";

const NOTHING = { segment: 0, endRow: null };

/** Names of the pieces that are to be added, in order. */
function pieces(names: string[], taken: { segment: number; endRow: number | null } = NOTHING) {
  return leftPieces(names.toReversed(), taken).map(({ name }) => name);
}

Deno.test("leftPieces() lists segments and the tails of the open one, in order", () => {
  const names = ["000001.parquet", "000002.parquet", "000003.tail-0-500", "000003.tail-500-600"];
  assert.deepEqual(pieces([...names, "recording.json", "000004.parquet.unfinished"]), names);
  assert.deepEqual(leftPieces(names, NOTHING).map(({ segment, endRow }) => [segment, endRow]), [
    [1, null],
    [2, null],
    [3, 500],
    [3, 600],
  ]);
});

Deno.test("leftPieces() takes no row twice: a segment supersedes its tails, a tail those in it", () => {
  assert.deepEqual(pieces(["000001.tail-0-500", "000001.parquet"]), ["000001.parquet"]);
  assert.deepEqual(
    pieces([
      "000001.tail-0-500",
      "000001.tail-500-700",
      "000001.tail-0-800",
      "000001.tail-800-900",
    ]),
    ["000001.tail-0-800", "000001.tail-800-900"],
  );
  assert.deepEqual(
    pieces(["000001.tail-0-400", "000001.tail-400-500", "000001.tail-400-800"]),
    ["000001.tail-0-400", "000001.tail-400-800"],
  );
});

Deno.test("leftPieces() leaves out what the file has taken in already", () => {
  const names = ["000001.parquet", "000002.tail-0-10", "000002.tail-10-15", "000003.parquet"];
  assert.deepEqual(pieces(names, { segment: 1, endRow: null }), names.slice(1));
  assert.deepEqual(pieces(names, { segment: 2, endRow: 10 }), names.slice(2));
  assert.deepEqual(pieces(names, { segment: 2, endRow: null }), names.slice(3));
  assert.deepEqual(pieces(names, { segment: 3, endRow: null }), []);
  // Rows are numbered anew in each segment.
  const tails = ["000002.tail-10-15", "000003.tail-0-7", "000003.tail-7-12"];
  assert.deepEqual(pieces(["000002.tail-0-10", ...tails], { segment: 2, endRow: 10 }), tails);
  assert.deepEqual(leftPieces(tails, { segment: 2, endRow: 10 }), [
    { name: "000002.tail-10-15", segment: 2, endRow: 15 },
    { name: "000003.tail-0-7", segment: 3, endRow: 7 },
    { name: "000003.tail-7-12", segment: 3, endRow: 12 },
  ]);
});

Deno.test("orphans() are data without an index, and an index without data", () => {
  const whole = ["part-000001.data", "part-000001.index"];
  assert.deepEqual(orphans([...whole, "part-000002.data", "part-000003.index", "000001.parquet"]), [
    "part-000002.data",
    "part-000003.index",
  ]);
});

Deno.test("leftParts() knows finished files from those without a footer, and needs both of their files", () => {
  assert.deepEqual(
    leftParts(["part-000010.data", "part-000010.index", "part-000002.closed", "part-000011.data"]),
    [{ number: 2, kind: "closed" }, { number: 10, kind: "growing" }],
  );
  assert.deepEqual(leftParts(["part-000001.index"]), []);
});
