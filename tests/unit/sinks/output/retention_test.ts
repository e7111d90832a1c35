import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { Directory } from "../../../../ffi/mod.ts";
import { fileSystemRoom } from "../../../../src/sinks/disk_room.ts";
import { Retention, type RetentionLimits } from "../../../../src/sinks/output/retention.ts";
import { SeriesNames } from "../../../../src/sinks/output/series_names.ts";
import { PROJECT } from "../../../support/inspector_cli.ts";
import { openDescriptors } from "../../../support/open_descriptors.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";

const RECORDING = join(PROJECT, "tests", "testdata", "empty.parquet");
const BYTES = Deno.statSync(RECORDING).size;
const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 25, 12);
const NO_LIMITS: RetentionLimits = { files: null, bytes: null, ageMs: null, minFreeBytes: 0 };

/** A directory with recordings of eth0, one an hour from noon on, and one that keeps them. */
class Rig implements Disposable {
  readonly directory = TempDirectory.create();
  readonly root: Directory;
  readonly #host: string | null;

  constructor(count: number, host: string | null = null) {
    this.#host = host;
    let root = Directory.begin("/");
    for (const name of this.directory.path.split("/").slice(1)) {
      const next = root.openDirectory(name);
      root[Symbol.dispose]();
      root = next;
    }
    this.root = root;
    // In an order that no directory has by itself.
    const hours = Array.from({ length: count }, (_, hour) => hour);
    for (const hour of [...hours.filter((one) => one % 2), ...hours.filter((one) => !(one % 2))]) {
      this.make(nameAt(hour, host));
    }
  }

  make(name: string): void {
    Deno.mkdirSync(dirname(this.directory.file(name)), { recursive: true });
    Deno.copyFileSync(RECORDING, this.directory.file(name));
  }

  retention(limits: Partial<RetentionLimits>): Retention {
    const names = new SeriesNames("eth0", this.#host);
    return new Retention(this.root, names, { ...NO_LIMITS, ...limits });
  }

  [Symbol.dispose](): void {
    this.root[Symbol.dispose]();
    this.directory[Symbol.dispose]();
  }
}

function nameAt(hour: number, host: string | null = null): string {
  return new SeriesNames("eth0", host).next(NOON + hour * HOUR);
}

function namesAt(...hours: readonly number[]): string[] {
  return hours.map((hour) => nameAt(hour));
}

Deno.test("Retention.enforce() keeps the newest files, as many as are allowed", () => {
  using rig = new Rig(5);
  const retention = rig.retention({ files: 3 });
  assert.deepEqual(retention.enforce(NOON, 0), namesAt(0, 1));
  assert.deepEqual(rig.directory.list(), namesAt(2, 3, 4));
  assert.deepEqual(retention.enforce(NOON, 0), []);
  rig.make(nameAt(5));
  retention.add({ directories: [], name: nameAt(5), startMs: NOON + 5 * HOUR, bytes: BYTES });
  assert.deepEqual(retention.enforce(NOON, 0), namesAt(2));
  assert.deepEqual(rig.directory.list(), namesAt(3, 4, 5));
});

Deno.test("Retention.enforce() stays within a size together with what else is there, and keeps the newest", () => {
  using rig = new Rig(4);
  const retention = rig.retention({ bytes: 4 * BYTES });
  assert.equal(retention.newestBytes, BYTES);
  assert.deepEqual(retention.enforce(NOON, 0), []);
  assert.deepEqual(retention.enforce(NOON, 1), namesAt(0));
  assert.deepEqual(retention.enforce(NOON, BYTES), []);
  assert.deepEqual(retention.enforce(NOON, 100 * BYTES), namesAt(1, 2));
  assert.deepEqual(rig.directory.list(), namesAt(3));
});

Deno.test("Retention.enforce() removes a file when the next one began too long ago", () => {
  using rig = new Rig(3);
  const retention = rig.retention({ ageMs: 2 * HOUR });
  // The first ends at one o'clock.
  assert.deepEqual(retention.enforce(NOON + 3 * HOUR, 0), []);
  assert.deepEqual(retention.enforce(NOON + 3 * HOUR + 1, 0), namesAt(0));
  assert.deepEqual(retention.enforce(NOON + 100 * HOUR, 0), namesAt(1));
  assert.deepEqual(rig.directory.list(), namesAt(2));
});

Deno.test("Retention.enforce() makes room a little before it is short, if there is any limit", () => {
  // Somebody else may be writing, too.
  for (const [share, removed] of [[0.8, []], [0.98, [0, 1]], [1000, [0, 1]]] as const) {
    using rig = new Rig(3);
    const minFreeBytes = share * fileSystemRoom(rig.root.path).free;
    const unlimited = rig.retention({ minFreeBytes });
    assert.equal(unlimited.isNeeded, false);
    assert.equal(unlimited.newestBytes, 0);
    assert.deepEqual(unlimited.enforce(NOON, 0), []);
    const limited = rig.retention({ minFreeBytes, files: 100 });
    assert.deepEqual(limited.enforce(NOON, 0), namesAt(...removed), `${share}`);
  }
});

Deno.test("Retention neither counts nor removes what is no recording of this series", () => {
  using rig = new Rig(2);
  const others = [
    "wlan0-20200101T000000.000Z.parquet",
    "eth0-20200101T000000Z.parquet",
    "traffic.parquet",
  ];
  for (const name of others) rig.make(name);
  const [notes, link, directory] = ["01", "02", "03"].map((day) => {
    return `eth0-202701${day}T000000.000Z.parquet`;
  });
  Deno.writeTextFileSync(rig.directory.file(notes!), "somebody's notes");
  Deno.symlinkSync(RECORDING, rig.directory.file(link!));
  Deno.mkdirSync(rig.directory.file(directory!));
  const before = rig.directory.list();
  const retention = rig.retention({ files: 2 });
  assert.deepEqual(retention.enforce(NOON, 0), []);
  assert.deepEqual(rig.directory.list(), before);
});

Deno.test("Retention.enforce() leaves a file alone that has become somebody else's", () => {
  using rig = new Rig(3);
  const retention = rig.retention({ files: 1 });
  const [replaced, gone, newest] = namesAt(0, 1, 2);
  Deno.writeTextFileSync(rig.directory.file(replaced!), "somebody's notes");
  Deno.removeSync(rig.directory.file(gone!));
  assert.deepEqual(retention.enforce(NOON, 0), []);
  assert.deepEqual(rig.directory.list(), [replaced, newest]);
});

Deno.test("Retention finds files of all days of this host, and removes days without files", () => {
  const host = "web1";
  using rig = new Rig(0, host);
  const at = (hour: number) => nameAt(hour, host);
  // Two on the first day and on the second, one on the third.
  const hours = [0, 1, 24, 25, 48];
  for (const hour of hours) rig.make(at(hour));
  const others = [
    nameAt(0, "web2"),
    `host=web1/date=2026-11/${nameAt(0)}`,
    `host=web1/${nameAt(0)}`,
    nameAt(0),
  ];
  for (const name of others) rig.make(name);
  const notes = join(dirname(at(24)), "notes.txt");
  Deno.writeTextFileSync(rig.directory.file(notes), "");
  const retention = rig.retention({ files: 1 });
  assert.deepEqual(retention.enforce(NOON, 0), [0, 1, 24, 25].map(at));
  assert.deepEqual(
    [...Deno.readDirSync(rig.directory.file("host=web1"))].map(({ name }) => name).sort(),
    ["date=2026-11", "date=2026-11-26", "date=2026-11-27", nameAt(0)],
  );
  assert.deepEqual(
    [...Deno.readDirSync(rig.directory.file(dirname(at(24))))].map(({ name }) => name),
    ["notes.txt"],
  );
  for (const name of [at(48), ...others]) assert.ok(Deno.statSync(rig.directory.file(name)).isFile);
  // A file that is closed now is removed from where it is.
  rig.make(at(49));
  const directories = dirname(at(49)).split("/");
  retention.add({ directories, name: nameAt(49), startMs: NOON + 49 * HOUR, bytes: BYTES });
  assert.deepEqual(retention.enforce(NOON, 0), [at(48)]);
  // Nothing of what was looked through is still open.
  const open = openDescriptors(new RegExp(rig.directory.path));
  assert.deepEqual(open.map(({ target }) => target), [rig.directory.path]);
});
