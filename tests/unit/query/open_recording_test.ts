import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { descriptorPath, OpenRecording } from "../../../src/query/open_recording.ts";
import { fixturePath } from "../../support/make_fixture.ts";

Deno.test("descriptorPath() leads to the open file, whatever the number of node:fs is", () => {
  const paths = ["complete", "empty", "lossy", "hostile"].map((name) =>
    fixturePath(name as Parameters<typeof fixturePath>[0])
  );
  // Opened together, so that none has the number of another.
  const open = paths.map((path) => ({ path, descriptor: openSync(path, "r") }));
  try {
    for (const { path, descriptor } of open) {
      assert.equal(Deno.readLinkSync(descriptorPath(descriptor)), path);
    }
  } finally {
    for (const { descriptor } of open) closeSync(descriptor);
  }
});

Deno.test("OpenRecording.path leads to the file that was opened after its name went to another", () => {
  const directory = Deno.makeTempDirSync();
  try {
    const path = `${directory}/a.parquet`;
    Deno.copyFileSync(fixturePath("complete"), path);
    const { ino } = Deno.statSync(path);
    using open = OpenRecording.open({ path, label: "a.parquet", named: true });
    Deno.copyFileSync(fixturePath("lossy"), `${directory}/b`);
    Deno.renameSync(`${directory}/b`, path);
    assert.equal(Deno.statSync(open.path).ino, ino);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
