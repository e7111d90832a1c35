import assert from "node:assert/strict";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { joinedNotes, notedMembers, notesOf } from "../../../src/query/joined_notes.ts";
import { recordingSpan } from "../../../src/query/recording_span.ts";
import { seriesPlace } from "../../../src/query/series_place.ts";

const NOTHING = { gaps: [], recordedTwice: [] };

function metadataWith(selection: unknown): Map<string, string> {
  return new Map([[FILE_METADATA_KEY.selection, JSON.stringify(selection)]]);
}

Deno.test("joinedNotes() reads what notedMembers() makes, and adds it to what is new", () => {
  const notes = {
    gaps: [
      { missing: { first: 2, last: 3 }, before: 4, packets: 7 },
      { missing: null, before: 5, packets: -2 },
      { missing: { first: 6, last: 6 }, before: 7, packets: null },
    ],
    recordedTwice: ["eth0", "wg0"],
  };
  const metadata = metadataWith(notedMembers(notes));
  assert.deepEqual(joinedNotes(metadata), notes);
  const part = { metadata, span: recordingSpan(metadata), place: seriesPlace(metadata) };
  const other = metadataWith(notedMembers({ gaps: [], recordedTwice: ["br0", "eth0"] }));
  const both = notesOf([part, { metadata: other, span: recordingSpan(other), place: null }]);
  assert.deepEqual(both, { ...notes, recordedTwice: ["br0", "eth0", "wg0"] });
  assert.deepEqual(notedMembers(NOTHING), {});
  assert.deepEqual(joinedNotes(metadataWith(notedMembers(NOTHING))), NOTHING);
});

Deno.test("joinedNotes() takes nothing that it does not write, and no more than some", () => {
  for (
    const selection of [
      null,
      [],
      "x",
      { gaps: 1, recorded_twice: {} },
      { gaps: [null, [], 1, "a", {}, { before: 0 }, { before: 1.5 }, { before: "1" }] },
      { gaps: [{ before: 2, packets: "7" }, { before: 2, packets: 1e300 }] },
      { gaps: [{ before: 2, missing: [1] }, { before: 2, missing: ["a", "b"] }] },
      { recorded_twice: [1, null, "x".repeat(100)] },
    ]
  ) assert.deepEqual(joinedNotes(metadataWith(selection)), NOTHING, JSON.stringify(selection));
  assert.deepEqual(joinedNotes(new Map([[FILE_METADATA_KEY.selection, "{"]])), NOTHING);
  const many = joinedNotes(metadataWith({
    gaps: Array.from({ length: 5000 }, (_, index) => ({ before: index + 1 })),
    recorded_twice: Array.from({ length: 5000 }, (_, index) => `eth${index}`),
  }));
  assert.deepEqual([many.gaps.length, many.recordedTwice.length], [100, 100]);
});
