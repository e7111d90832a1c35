import assert from "node:assert/strict";
import { BATCH_ROWS } from "../../../src/batch/column_batch.ts";
import { type ImportOptions, openInput } from "../../../src/query/imported_recording.ts";
import type { InputFile } from "../../../src/query/input_files.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import { ArrowStream } from "../../../src/sinks/arrow_stream.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";
import { ATTACHMENTS, batchesOf, PACKETS } from "../sinks/packets.ts";

const METADATA = { "xdp_inspector.schema_version": "1", "xdp_inspector.sample_rate": "10" };

/** Writes the stream of some packets. */
function writeArrow(
  path: string,
  packets: number,
  metadata: Record<string, string> = METADATA,
): void {
  using file = Deno.openSync(path, { write: true, create: true });
  using stream = new ArrowStream({
    attachments: ATTACHMENTS,
    metadata,
    write: (bytes) => void file.writeSync(bytes),
  });
  const all = Object.values(PACKETS);
  const chosen = Array.from({ length: packets }, (_, index) => all[index % all.length]!);
  for (const { batch, rows } of batchesOf(chosen)) stream.append(batch, rows);
  stream.finish();
}

function inputOf(path: string): InputFile {
  return { path, label: "x", named: true };
}

/** Standard input that holds bytes, a few at a time. */
function standardInput(bytes: Uint8Array, part = 7, isTerminal = false) {
  let position = 0;
  return {
    isTerminal: () => isTerminal,
    read(target: Uint8Array) {
      const piece = bytes.subarray(position, position + Math.min(part, target.length));
      target.set(piece);
      position += piece.length;
      return Promise.resolve(piece.length === 0 ? null : piece.length);
    },
  };
}

const STANDARD_INPUT: InputFile = { ...inputOf("-"), isStandardInput: true };

/** Makes recordings in a directory, and shows what is left there. */
function placeIn(directory: TempDirectory): Pick<ImportOptions, "place"> {
  return { place: () => ({ directory: directory.path, bytes: 2 ** 30 }) };
}

Deno.test("Recordings.open() answers about an Arrow stream as about the recording that it is", async () => {
  using directory = TempDirectory.create();
  writeArrow(directory.file("a.arrow"), BATCH_ROWS + 6);
  using recordings = await Recordings.open([directory.file("a.arrow")]);
  const { packets, ipPackets } = await recordings.overview();
  // Three of the first four kinds of packets, and of all six, have an IP header.
  assert.equal((BATCH_ROWS + 6) % 6, 4);
  const withIp = BigInt(3 * (Math.floor((BATCH_ROWS + 6) / 6) + 1));
  assert.deepEqual([packets, ipPackets], [BigInt(BATCH_ROWS + 6) * 10n, withIp * 10n]);
  assert.deepEqual(recordings.sampleRates, [10]);
  recordings.checkUnchanged();
});

Deno.test("openInput() leaves nothing in the place where it made a recording", async () => {
  using directory = TempDirectory.create();
  using place = TempDirectory.create();
  writeArrow(directory.file("a.arrow"), 6);
  using recording = await openInput(inputOf(directory.file("a.arrow")), placeIn(place));
  assert.deepEqual(place.list(), []);
  assert.equal(recording.outline.rows, 6);
  assert.equal(Deno.statSync(recording.path).mode! & 0o077, 0);
  assert.equal(recording.replaced, null);
});

Deno.test("openInput() reads a recording and a stream out of standard input", async () => {
  using directory = TempDirectory.create();
  using place = TempDirectory.create();
  writeArrow(directory.file("a.arrow"), 6);
  for (
    const [path, rows] of [[fixturePath("complete"), 36], [directory.file("a.arrow"), 6]] as const
  ) {
    const options = { ...placeIn(place), standardInput: standardInput(Deno.readFileSync(path)) };
    using recording = await openInput(STANDARD_INPUT, options);
    assert.equal(recording.outline.rows, rows);
    assert.deepEqual(place.list(), []);
  }
});

Deno.test("openInput() refuses a terminal, nothing, and what it does not know", async () => {
  using place = TempDirectory.create();
  const open = (bytes: Uint8Array, isTerminal = false) =>
    openInput(STANDARD_INPUT, {
      ...placeIn(place),
      standardInput: standardInput(bytes, 7, isTerminal),
    });
  const text = (letters: string) => new TextEncoder().encode(letters);
  await assert.rejects(open(text("PAR1"), true), {
    message: "Cannot read standard input: it is a terminal",
  });
  await assert.rejects(open(text("")), { message: 'Cannot read "x": it is empty' });
  await assert.rejects(open(text("hello")), { message: 'Cannot read "x": its format is unknown' });
  await assert.rejects(
    open(text("PAR1 and no end")),
    /Cannot read "x": the Parquet file is truncated/,
  );
  await assert.rejects(open(Uint8Array.of(255, 255, 255, 255, 9)), /the Arrow stream is truncated/);
  assert.deepEqual(place.list(), []);
});

Deno.test("openInput() says which format it makes a recording of, and nothing of recordings", async () => {
  using directory = TempDirectory.create();
  writeArrow(directory.file("a.arrow"), 6);
  let said = "";
  const say = (text: string) => said += text;
  using _recording = await openInput(inputOf(fixturePath("complete")), { say });
  assert.equal(said, "");
  using _made = await openInput(inputOf(directory.file("a.arrow")), { say });
  assert.equal(said, '"x" is Arrow IPC: it is made into a recording first\n');
});

Deno.test("openInput() names the place where there is no room, and where there is none", async () => {
  using directory = TempDirectory.create();
  writeArrow(directory.file("a.arrow"), 6);
  const input = inputOf(directory.file("a.arrow"));
  await assert.rejects(openInput(input, { place: () => null }), {
    message: 'Cannot read "x": there is no disk to make a recording of it on',
  });
  const place = () => ({ directory: directory.file("none"), bytes: 0 });
  await assert.rejects(openInput(input, { place }), {
    message: `Cannot read "x": a recording of it cannot be made in "${directory.file("none")}": ` +
      "no such file or directory",
  });
});

Deno.test("openInput() ends when it is told to, whatever standard input does", async () => {
  using place = TempDirectory.create();
  const stop = new AbortController();
  const silent = { isTerminal: () => false, read: () => new Promise<never>(() => {}) };
  const opening = openInput(STANDARD_INPUT, {
    ...placeIn(place),
    standardInput: silent,
    stop: stop.signal,
  });
  stop.abort(new Error("ended"));
  await assert.rejects(opening, /^Error: ended$/);
});

Deno.test("openInput() does not mix in what is written to a file while it is read", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.arrow");
  writeArrow(path, 6);
  // It is said when the file is open and before it is read.
  const say = () => Deno.writeTextFileSync(path, "more", { append: true });
  await assert.rejects(
    openInput(inputOf(path), { say }),
    /"x".*(changed while it was read|truncated)/,
  );
});
