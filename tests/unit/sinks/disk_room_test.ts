import assert from "node:assert/strict";
import { statfsSync } from "node:fs";
import { RunError } from "../../../src/core/errors.ts";
import {
  DiskRoom,
  fileSystemRoom,
  requireRoom,
  usualFreeBytes,
} from "../../../src/sinks/disk_room.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** Bytes that the reserve takes on the disk; null = there is none. */
function reservedBytes(directory: TempDirectory): number | null {
  try {
    return 512 * Deno.statSync(directory.file("reserve")).blocks!;
  } catch {
    return null;
  }
}

Deno.test("requireRoom() says how much is free, and how much is to stay free", () => {
  using directory = TempDirectory.create();
  requireRoom("x.parquet", directory.path, 0);
  requireRoom("x.parquet", directory.path, 1);
  assert.throws(() => requireRoom("x.parquet", directory.path, 2 ** 60), (error) => {
    assert.ok(error instanceof RunError);
    assert.match(
      error.message,
      /^Cannot write "x\.parquet": only [\d.,]+ \w+ are free there, [\d.,]+ \w+ are to stay free$/,
    );
    return true;
  });
});

Deno.test("usualFreeBytes() is a twentieth of the disk, and at most 1 GiB", () => {
  const total = ["/", "/dev/shm", "/run"].map((path) => {
    const { blocks, bsize } = statfsSync(path);
    return { path, bytes: blocks * bsize };
  });
  for (const { path, bytes } of total) {
    assert.equal(fileSystemRoom(path).total, bytes);
    assert.equal(usualFreeBytes(path), Math.min(2 ** 30, Math.floor(bytes / 20)));
  }
});

Deno.test("DiskRoom.check() refuses when less is free than has to stay free, unless none has to", () => {
  using directory = TempDirectory.create();
  new DiskRoom(directory.path, 1).check();
  assert.throws(() => new DiskRoom(directory.path, 2 ** 60).check(), RunError);
  // Whatever there is: the disk is not even looked at.
  new DiskRoom(directory.file("missing"), 0).check();
});

Deno.test("DiskRoom.keepForEnd() keeps room that grows with the file, and gives it back", () => {
  using directory = TempDirectory.create();
  const room = new DiskRoom(directory.path, 0);
  assert.equal(reservedBytes(directory), null);
  room.keepForEnd(1, 0);
  assert.ok(reservedBytes(directory)! >= 24 * 1024, `${reservedBytes(directory)}`);
  room.keepForEnd(100, 50_000);
  const grown = reservedBytes(directory)!;
  assert.ok(grown >= 816 * 1024 + 50_000, `${grown}`);
  // Not for each row group.
  room.keepForEnd(105, 50_000);
  assert.equal(reservedBytes(directory), grown);
  room.release();
  assert.deepEqual(directory.list(), []);
  room.release();
  {
    using again = new DiskRoom(directory.path, 0);
    again.keepForEnd(1, 0);
    assert.deepEqual(directory.list(), ["reserve"]);
  }
  assert.deepEqual(directory.list(), []);
});

Deno.test("DiskRoom.keepForEnd() goes on where there is no room", () => {
  using directory = TempDirectory.create();
  using room = new DiskRoom(directory.file("missing"), 0);
  room.keepForEnd(1, 0);
  // More than any disk has.
  using much = new DiskRoom(directory.path, 0);
  much.keepForEnd(1, 2 ** 62);
});
