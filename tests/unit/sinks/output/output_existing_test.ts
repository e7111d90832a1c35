/** What stands at the name of the output already, and other recordings on their way to it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { OutputFile } from "../../../../src/sinks/output/output_file.ts";
import { fileNameFor } from "../../../../src/sinks/output/file_name.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";

const REPLACE = { noClobber: false };
const OLDER = fileURLToPath(new URL("../../../testdata/complete.parquet", import.meta.url));

function record(path: string, options = {}): void {
  using output = OutputFile.prepare(path, { ...REPLACE, ...options });
  Deno.writeTextFileSync(output.temporaryPath, "new");
  output.publish();
}

function names(directory: string): string[] {
  return Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
}

/** The bytes of a recording with some of them changed. */
function changed(change: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  return change(Deno.readFileSync(OLDER));
}

function without(bytes: Uint8Array, text: string): Uint8Array {
  const latin1 = new TextDecoder("latin1").decode(bytes);
  assert.ok(latin1.includes(text));
  return Uint8Array.from(latin1.replaceAll(text, "x".repeat(text.length)), (character) => {
    return character.charCodeAt(0);
  });
}

const NO_RECORDINGS: Readonly<Record<string, Uint8Array>> = {
  "a capture of another tool": new Uint8Array([0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]),
  "text": new TextEncoder().encode("PAR1, some words and PAR1"),
  "another Parquet file": changed((bytes) => without(bytes, "xdp_inspector.schema_version")),
  "a recording that is cut off": changed((bytes) => bytes.subarray(0, -1)),
  "a recording without its beginning": changed((bytes) => bytes.subarray(4)),
};

for (const [what, bytes] of Object.entries(NO_RECORDINGS)) {
  Deno.test(`OutputFile.prepare() replaces ${what} by force only`, () => {
    using directory = TempDirectory.create();
    const path = join(directory.path, "lan.pcap");
    Deno.writeFileSync(path, bytes);
    assert.throws(() => OutputFile.prepare(path, REPLACE), {
      name: "RunError",
      message: `Cannot write "${path}": it exists and is not a recording`,
      hint: "Choose another path with --output, or replace the file with --force",
    });
    assert.deepEqual(names(directory.path), ["lan.pcap"]);
    assert.deepEqual(Deno.readFileSync(path), bytes);
    record(path, { force: true });
    assert.equal(Deno.readTextFileSync(path), "new");
  });
}

Deno.test("OutputFile.prepare() accepts a recording and an empty file as the output", () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "traffic.parquet");
  for (const bytes of [Deno.readFileSync(OLDER), new Uint8Array()]) {
    Deno.writeFileSync(path, bytes);
    record(path);
    assert.equal(Deno.readTextFileSync(path), "new");
  }
});

Deno.test("OutputFile.publish() does not replace what is no recording and was made meanwhile", () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "traffic.parquet");
  using output = OutputFile.prepare(path, REPLACE);
  Deno.writeTextFileSync(output.temporaryPath, "new");
  Deno.writeTextFileSync(path, "somebody else's");
  assert.throws(() => output.publish(), {
    name: "RunError",
    message: `Cannot write "${path}": it exists and is not a recording`,
    hint: `Move the complete recording, "${
      Deno.realPathSync(output.temporaryPath)
    }", to another place`,
  });
  assert.equal(Deno.readTextFileSync(path), "somebody else's");
  assert.equal(Deno.readTextFileSync(output.temporaryPath), "new");
});

Deno.test("OutputFile.publish() makes files for their owner, or with groupRead for their group", () => {
  using directory = TempDirectory.create();
  const umask = Deno.umask(0);
  try {
    const modes = (old: number | null) =>
      [false, true].map((groupRead) => {
        const path = join(directory.path, crypto.randomUUID());
        if (old !== null) {
          Deno.copyFileSync(OLDER, path);
          Deno.chmodSync(path, old);
        }
        record(path, { groupRead });
        return Deno.statSync(path).mode! & 0o7777;
      });
    assert.deepEqual(modes(null), [0o600, 0o640]);
    assert.deepEqual(modes(0o644), [0o600, 0o640]);
    assert.deepEqual(modes(0o600), [0o600, 0o640]);
    assert.deepEqual(modes(0o400), [0o400, 0o440]);
  } finally {
    Deno.umask(umask);
  }
});

Deno.test("OutputFile.prepare() refuses a second recording to the same output, until the first ends", () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "traffic.parquet");
  const link = join(directory.path, "link");
  Deno.symlinkSync("traffic.parquet", link);
  {
    using first = OutputFile.prepare(path, REPLACE);
    for (const same of [path, link]) {
      assert.throws(() => OutputFile.prepare(same, REPLACE), {
        name: "RunError",
        message: `Cannot write "${same}": another recording is being written there`,
      });
    }
    using _other = OutputFile.prepare(join(directory.path, "traffic.parquet2"), REPLACE);
    assert.equal(names(directory.path).length, 3);
    Deno.writeTextFileSync(first.temporaryPath, "first");
    first.publish();
  }
  record(path, { force: true });
  assert.equal(Deno.readTextFileSync(path), "new");
});

Deno.test("OutputFile.prepare() makes a file of its own name in a directory, and never an existing one", () => {
  using directory = TempDirectory.create();
  const nameInDirectory = "eth0-20261125T211500Z.parquet";
  const options = { ...REPLACE, nameInDirectory };
  Deno.symlinkSync(".", join(directory.path, "link"));
  using first = OutputFile.prepare(`${directory.path}/`, options);
  using second = OutputFile.prepare(directory.path, options);
  using third = OutputFile.prepare(join(directory.path, "link"), options);
  assert.equal(first.path, join(directory.path, nameInDirectory));
  assert.equal(second.path, join(directory.path, "eth0-20261125T211500Z-2.parquet"));
  assert.equal(third.path, join(directory.path, "link", "eth0-20261125T211500Z-3.parquet"));
  for (const output of [first, second, third]) {
    Deno.writeTextFileSync(output.temporaryPath, output.path);
    output.publish();
    assert.equal(Deno.readTextFileSync(output.path), output.path);
  }
  // Made meanwhile, at the last moment: not replaced either.
  using fourth = OutputFile.prepare(directory.path, options);
  Deno.writeTextFileSync(fourth.temporaryPath, "new");
  Deno.copyFileSync(OLDER, fourth.path);
  assert.throws(() => fourth.publish(), /: file exists$/);
  assert.deepEqual(Deno.readFileSync(fourth.path), Deno.readFileSync(OLDER));
});

Deno.test("fileNameFor() joins interfaces and cuts very many of them", () => {
  const start = new Date("2026-11-25T21:15:00.123Z");
  assert.equal(fileNameFor(["eth0"], start), "eth0-20261125T211500Z.parquet");
  assert.equal(fileNameFor(["eth0", "eth1", "eth0"], start), "eth0+eth1-20261125T211500Z.parquet");
  const many = Array.from({ length: 40 }, (_, index) => `interface${index}`);
  assert.equal(fileNameFor(many, start), "interface0+39more-20261125T211500Z.parquet");
});
