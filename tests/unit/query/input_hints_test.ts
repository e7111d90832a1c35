import assert from "node:assert/strict";
import { RunError } from "../../../src/core/errors.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import { expandNames } from "../../../src/query/input_files.ts";
import { openInput } from "../../../src/query/imported_recording.ts";
import { QuerySession } from "../../../src/query/session.ts";
import { UserTable } from "../../../src/query/user_tables.ts";
import { recoverPath } from "../../../src/sinks/recovery/recover_path.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { pcap } from "../../support/packet_files.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** The next step of what is thrown. */
async function hintOf(call: () => unknown): Promise<string | undefined> {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof RunError, String(error));
    return error.hint;
  }
  throw new Error("Nothing was thrown");
}

Deno.test("a directory without recordings leads to what lies deeper, or to its packet files", async () => {
  using directory = TempDirectory.create();
  const { path } = directory;
  const deeper = `Name a file, or with a pattern what lies deeper, as in "${path}/*/*.parquet"`;
  assert.equal(await hintOf(() => expandNames([path])), deeper);
  Deno.writeTextFileSync(`${path}/.hidden.pcap`, "x");
  assert.equal(await hintOf(() => expandNames([path])), deeper);
  Deno.writeTextFileSync(`${path}/a.pcapng`, "x");
  assert.equal(
    await hintOf(() => expandNames([path])),
    `Name its packet files with a pattern, as in "${path}/*.pcapng"`,
  );
  Deno.renameSync(`${path}/a.pcapng`, `${path}/a.pcap.gz`);
  assert.match(await hintOf(() => expandNames([path])) ?? "", /as in ".*\/\*\.gz"$/);
});

Deno.test("inputs that cannot be read lead to the next step", async () => {
  using directory = TempDirectory.create();
  const file = (name: string, content: string | Uint8Array) => {
    const path = directory.file(name);
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
    return path;
  };
  const open = (path: string) => hintOf(() => Recordings.open([path]));
  assert.match(await open(`${directory.path}/*.no`) ?? "", /"\*\*\/\*" for all below$/);
  assert.match(
    await open(file("a.txt", "Something else")) ?? "",
    /or a packet file \(pcap or pcapng,/,
  );
  assert.match(await open(file("a.enc", `PARE${"0".repeat(99)}`)) ?? "", /^Decrypt it first/);
  const footer = Deno.readFileSync(fixturePath("complete"));
  footer.fill(0xff, footer.length - 8, footer.length - 4);
  assert.match(await open(file("a.parquet", footer)) ?? "", /^Copy or record it again/);
  const packets = Uint8Array.from(pcap([{ data: new Uint8Array(60) }]));
  for (const bytes of [10, 30]) {
    const hint = await open(file("cut.pcap", packets.slice(0, bytes)));
    assert.equal(hint, "There is no packet before that: copy or capture the file again");
  }
  const standardInput = { read: () => Promise.resolve(null), isTerminal: () => false };
  const input = { path: "-", label: "standard input", named: true, isStandardInput: true } as const;
  assert.match(
    await hintOf(() => openInput(input, { standardInput })) ?? "",
    /^Look at what should write into it/,
  );
});

Deno.test("tables and recoveries that cannot be made lead to the next step", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("t.csv");
  Deno.writeTextFileSync(path, "");
  assert.match(await hintOf(() => UserTable.open({ name: "t", path })) ?? "", /^Write the table/);
  const other = directory.file("t.parquet");
  Deno.writeTextFileSync(other, "Something else");
  using table = UserTable.open({ name: "t", path: other });
  using session = await QuerySession.open([table.openPath]);
  assert.match(await hintOf(() => table.create(session)) ?? "", /what its name says: \.parquet$/);
  assert.match(await hintOf(() => [...recoverPath("")]) ?? "", /^Name a directory or an output/);
});
