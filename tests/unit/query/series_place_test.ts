import assert from "node:assert/strict";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { seriesGaps, type SeriesPlace, seriesPlace } from "../../../src/query/series_place.ts";
import { seriesGapLines } from "../../../src/render/trust_lines.ts";

const ID = "0b5a8f6e-0f4b-4d5a-9a3e-0d7f7d3a1c11";
const OTHER = "1b5a8f6e-0f4b-4d5a-9a3e-0d7f7d3a1c11";

function place(number: number, packetsBefore: number | null, packets: number | null, id = ID) {
  return { id, number, packetsBefore, packets };
}

function said(places: (SeriesPlace | null)[]): string[] {
  return seriesGapLines(seriesGaps(places)).map(({ text }) => text);
}

Deno.test("seriesPlace() reads what the recorder writes, and nothing else", () => {
  const metadata = (before: string, more: [string, string][] = []) =>
    new Map([
      [FILE_METADATA_KEY.recordingId, ID],
      [FILE_METADATA_KEY.fileNumber, "3"],
      [FILE_METADATA_KEY.countersBefore, before],
      [FILE_METADATA_KEY.counters, '{"packets_captured":5}'],
      ...more,
    ]);
  const before = JSON.stringify([0, 1].map((slot) => {
    return { slot, counters: { packets_captured: 10 + slot } };
  }));
  assert.deepEqual(seriesPlace(metadata(before)), place(3, 21, 5));
  for (const text of ["", "{", "[null]", '[{"counters":{"packets_captured":-1}}]', "7"]) {
    assert.deepEqual(seriesPlace(metadata(text)), place(3, null, 5), text);
  }
  const long = before + " ".repeat(4 * 2 ** 20);
  assert.ok(seriesPlace(metadata(long))?.packetsBefore === null, "too long");
  assert.equal(seriesPlace(new Map()), null);
  assert.equal(seriesPlace(metadata(before, [[FILE_METADATA_KEY.fileNumber, "0"]])), null);
  assert.equal(seriesPlace(metadata(before, [[FILE_METADATA_KEY.recordingId, "'"]])), null);
});

Deno.test("seriesGaps() finds nothing where each file continues the one before", () => {
  assert.deepEqual(said([place(3, 15, 1), null, place(2, 10, 5), place(4, 16, 0)]), []);
  // The oldest were removed, and a file whose recorder was killed does not know all.
  assert.deepEqual(said([place(7, 100, 1), place(8, null, 5), place(1, 0, 9, OTHER)]), []);
});

Deno.test("seriesGaps() names files that are missing in the middle, and what they held", () => {
  assert.deepEqual(said([place(1, 0, 10), place(3, 1244, 5), place(6, 1250, 5)]), [
    "file 2 of a recording is missing, with 1,234 packets",
    "files 4 to 5 of a recording are missing, with 1 packet",
  ]);
  assert.deepEqual(said([place(1, 0, 10), place(3, null, 5)]), [
    "file 2 of a recording is missing",
  ]);
});

Deno.test("seriesGaps() tells when the counters of two files do not fit", () => {
  assert.deepEqual(said([place(1, 0, 10), place(2, 12, 5)]), [
    "file 2 of a recording does not follow from the one before: 2 packets are in neither",
  ]);
  assert.deepEqual(said([place(1, 0, 10), place(2, 7, 5)]), [
    "file 2 of a recording does not follow from the one before: 3 packets are in both",
  ]);
  assert.deepEqual(said([place(2, 10, 5), place(2, 10, 5)]), [
    "file 2 of a recording does not follow from the one before: 5 packets are in both",
  ]);
});
