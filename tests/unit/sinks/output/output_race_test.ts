/** Others who change names while root makes a recording: at every step, and as fast as they can. */
import assert from "node:assert/strict";
import { lchownSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RunError } from "../../../../src/core/errors.ts";
import { OutputFile } from "../../../../src/sinks/output/output_file.ts";
import type { OutputOptions } from "../../../../src/sinks/output/output_target.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";

const RECORDING = Deno.readFileSync(
  fileURLToPath(new URL("../../../testdata/empty.parquet", import.meta.url)),
);
const NOBODY = 65534;
/** Files have to be given to this one, and to nobody else. */
const CALLER = 1234;

/** Names that a recording makes and removes, and one more: recordings all, so that contents save none. */
const VICTIMS = ["000001.parquet", "complete.parquet", "precious", "ready"];

const rootOnly = { ignore: Deno.uid() !== 0 };

/** A directory of root's that nothing may change, and one in which others make names. */
class Scene implements Disposable {
  readonly #directory = TempDirectory.create();
  readonly victim = join(this.#directory.path, "victim");
  readonly shared = join(this.#directory.path, "shared");
  readonly #before: string;

  /** @param mode of the shared directory */
  constructor(mode: number, owner = 0) {
    Deno.chmodSync(this.#directory.path, 0o755);
    Deno.mkdirSync(this.victim);
    for (const name of VICTIMS) Deno.writeFileSync(join(this.victim, name), RECORDING);
    this.#before = this.#state();
    Deno.mkdirSync(this.shared);
    Deno.chownSync(this.shared, owner, owner);
    Deno.chmodSync(this.shared, mode);
  }

  get output(): string {
    return join(this.shared, "traffic.parquet");
  }

  /** A symbolic link of another user's. */
  plant(to: string, name: string, owner = NOBODY): void {
    linkOf(owner, to, join(this.shared, name));
  }

  isUntouched(when: string): void {
    assert.equal(this.#state(), this.#before, when);
  }

  #state(): string {
    const all = [".", ...Array.from(Deno.readDirSync(this.victim), ({ name }) => name).sort()];
    return all.map((name) => {
      const { uid, gid, mode, ino, size, mtime } = Deno.lstatSync(join(this.victim, name));
      return [name, uid, gid, mode, ino, size, mtime?.getTime()].join(" ");
    }).join("\n");
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
  }
}

function linkOf(owner: number, to: string, path: string): void {
  Deno.symlinkSync(to, path);
  lchownSync(path, owner, owner);
}

function asSudo<T>(call: () => T): T {
  Deno.env.set("SUDO_UID", `${CALLER}`);
  Deno.env.set("SUDO_GID", `${CALLER}`);
  try {
    return call();
  } finally {
    Deno.env.delete("SUDO_UID");
    Deno.env.delete("SUDO_GID");
  }
}

/** Makes a recording. @returns the error that is the user's to read, or null */
function record(path: string, options: Partial<OutputOptions> = {}): RunError | null {
  return asSudo(() => {
    try {
      using output = OutputFile.prepare(path, { noClobber: false, ...options });
      Deno.writeFileSync(join(output.workDirectory, "000001.parquet"), RECORDING);
      Deno.writeFileSync(output.temporaryPath, RECORDING);
      output.publish();
      return null;
    } catch (error) {
      if (error instanceof RunError) return error;
      throw error;
    }
  });
}

Deno.test({
  ...rootOnly,
  name: "OutputFile.prepare() as root follows no link that another user has planted",
  fn() {
    using scene = new Scene(0o1777);
    scene.plant(join(scene.victim, "precious"), "traffic.parquet");
    scene.plant(scene.victim, "way");
    assert.equal(
      record(scene.output)?.message,
      `Cannot write "${scene.output}": it is a symbolic link of user ${NOBODY}`,
    );
    const through = join(scene.shared, "way", "precious");
    assert.equal(
      record(through)?.message,
      `Cannot write "${through}": "${scene.shared}/way" is not safe: ` +
        `it is a symbolic link of user ${NOBODY}`,
    );
    scene.isUntouched("planted links");
  },
});

Deno.test({
  ...rootOnly,
  name:
    "OutputFile.prepare() as root follows links of root, of the caller of sudo and of the owner",
  fn() {
    for (const [owner, link] of [[0, 0], [0, CALLER], [NOBODY, NOBODY]] as const) {
      using scene = new Scene(0o755, owner);
      Deno.writeFileSync(join(scene.shared, "real"), RECORDING);
      scene.plant("real", "traffic.parquet", link);
      assert.equal(record(scene.output), null);
      assert.ok(Deno.lstatSync(scene.output).isSymlink);
      assert.equal(Deno.statSync(join(scene.shared, "real")).uid, CALLER);
    }
    using scene = new Scene(0o755, NOBODY);
    scene.plant(join(scene.victim, "precious"), "traffic.parquet");
    assert.match(record(scene.output)!.message, /: a symbolic link of user 65534 leads to "/);
    scene.plant(scene.victim, "way");
    assert.match(
      record(join(scene.shared, "way", "new.parquet"))!.message,
      /: a symbolic link of user 65534 leads to "/,
    );
    scene.isUntouched("links of the owner to another's directory");
  },
});

Deno.test({
  ...rootOnly,
  name: "OutputFile.prepare() as root refuses a directory in which others may replace files",
  fn() {
    using scene = new Scene(0o777);
    const inner = join(scene.shared, "inner");
    Deno.mkdirSync(inner);
    for (const path of [scene.output, join(inner, "traffic.parquet")]) {
      const error = record(path);
      assert.equal(
        error?.message,
        `Cannot write "${path}": "${scene.shared}" is not safe: every user may replace files in it`,
      );
      assert.ok(error.hint?.startsWith("Choose another path"), error.hint);
      assert.ok(error.hint?.includes(`chmod go-w "${scene.shared}"`), error.hint);
    }
    Deno.chmodSync(scene.shared, 0o1777);
    assert.equal(record(scene.output), null);
  },
});

/** What somebody with write access to the directory can do to the names. */
const ATTACKS: Readonly<Record<string, (scene: Scene) => void>> = {
  "exchanges the work directory for a link": (scene) =>
    exchange(scene, (path) => {
      Deno.symlinkSync(scene.victim, path);
    }),
  "exchanges the work directory for another": (scene) =>
    exchange(scene, (path) => {
      Deno.mkdirSync(path, { mode: 0o700 });
      Deno.chownSync(path, NOBODY, NOBODY);
      for (const name of VICTIMS) Deno.symlinkSync(join(scene.victim, name), join(path, name));
    }),
  "puts a link at the name of the output": (scene) => {
    if (!exists(scene.output)) scene.plant(join(scene.victim, "precious"), "traffic.parquet");
  },
  "exchanges the directory of the output for a link": (scene) => {
    if (Deno.lstatSync(scene.shared).isSymlink) return;
    Deno.renameSync(scene.shared, `${scene.shared}-moved`);
    linkOf(NOBODY, scene.victim, scene.shared);
  },
};

function exchange(scene: Scene, put: (path: string) => void): void {
  for (const { name, isDirectory } of Deno.readDirSync(scene.shared)) {
    if (!isDirectory || !name.startsWith(".traffic")) continue;
    const path = join(scene.shared, name);
    Deno.renameSync(path, join(scene.shared, `stolen-${crypto.randomUUID()}`));
    put(path);
  }
}

function exists(path: string): boolean {
  try {
    return Boolean(Deno.lstatSync(path));
  } catch {
    return false;
  }
}

/** The steps of a recording, in order. */
function stepsOf(): string[] {
  const steps: string[] = [];
  using scene = new Scene(0o1777);
  assert.equal(record(scene.output, { onStep: (step) => steps.push(step) }), null);
  return steps;
}

for (const [attack, act] of Object.entries(ATTACKS)) {
  Deno.test({
    ...rootOnly,
    name: `OutputFile does no harm when somebody ${attack}, at every step`,
    fn() {
      const steps = stepsOf();
      for (const needed of ["name looked up", "work directory made", "file opened", "file moved"]) {
        assert.ok(steps.includes(needed), `no step "${needed}": ${steps.join(", ")}`);
      }
      let published = 0;
      for (let at = 0; at < steps.length; at++) {
        using scene = new Scene(0o755, NOBODY);
        let step = 0;
        const error = record(scene.output, { onStep: () => step++ === at && act(scene) });
        scene.isUntouched(`${attack} at step ${at}, "${steps[at]}": ${error?.message}`);
        if (error === null) published++;
      }
      assert.ok(published > 0, "not once has a file been made");
    },
  });
}

Deno.test({
  ...rootOnly,
  name: "OutputFile.prepare() gives up when somebody always exchanges the work directory",
  fn() {
    using scene = new Scene(0o755, NOBODY);
    const error = record(scene.output, {
      onStep: (step) => {
        if (step !== "work directory made") return;
        ATTACKS["exchanges the work directory for another"]!(scene);
      },
    });
    assert.equal(
      error?.message,
      `Cannot write "${scene.output}": another user puts other directories in the place of ours`,
    );
    scene.isUntouched("directories exchanged");
  },
});

Deno.test({
  ...rootOnly,
  name: "OutputFile.prepare() works in no directory of another user, be it empty",
  fn() {
    using scene = new Scene(0o755, NOBODY);
    let exchanged = 0;
    using output = OutputFile.prepare(scene.output, {
      noClobber: false,
      onStep: (step) => {
        if (step !== "work directory made" || exchanged++ > 0) return;
        exchange(scene, (path) => {
          Deno.mkdirSync(path, { mode: 0o700 });
          Deno.chownSync(path, NOBODY, NOBODY);
        });
      },
    });
    assert.equal(exchanged, 2);
    assert.equal(Deno.statSync(output.workDirectory).uid, 0);
  },
});

Deno.test({
  ...rootOnly,
  name: "OutputFile.publish() removes no directory but its own",
  fn() {
    using scene = new Scene(0o755, NOBODY);
    const put: string[] = [];
    const error = record(scene.output, {
      onStep: (step) => {
        if (step !== "work files removed") return;
        exchange(scene, (path) => {
          Deno.mkdirSync(path);
          put.push(path);
        });
      },
    });
    assert.equal(error, null);
    assert.equal(put.length, 1);
    assert.ok(Deno.lstatSync(put[0]!).isDirectory);
  },
});

/** Exchanges names in a directory until it is ended. Prints a dot for each directory it got hold of. */
const RACER = `
  my ($directory, $victim) = @ARGV;
  chdir $directory or die;
  $| = 1;
  print "ready\\n";
  for (my $n = 0;; $n++) {
    opendir(my $names, ".");
    for (readdir $names) {
      next unless /^\\.traffic.*-[0-9a-f]{8}$/ && -d && !-l;
      if (rename($_, "stolen-$n")) { symlink($victim, $_); print "."; }
    }
    closedir $names;
    symlink("$victim/precious", "traffic.parquet");
    unlink "traffic.parquet" if $n % 3;
  }`;

Deno.test({
  ...rootOnly,
  name: "OutputFile does no harm while another user exchanges names as fast as he can",
  async fn() {
    using scene = new Scene(0o755, NOBODY);
    const racer = new Deno.Command("perl", {
      args: ["-e", RACER, scene.shared, scene.victim],
      uid: NOBODY,
      gid: NOBODY,
      stdin: "null",
      stdout: "piped",
    }).spawn();
    try {
      const stolen = { count: 0 };
      const reading = (async () => {
        for await (const bytes of racer.stdout) {
          stolen.count += new TextDecoder().decode(bytes).split(".").length - 1;
        }
      })();
      const outcomes = new Map<string, number>();
      const end = performance.now() + 60_000;
      for (let round = 0; round < 200 || stolen.count === 0; round++) {
        assert.ok(performance.now() < end, `no race: ${[...outcomes].join()}`);
        const outcome = record(scene.output)?.message.replace(/.*": /, "") ?? "published";
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        scene.isUntouched(`round ${round}: ${outcome}`);
        // Lets what the racer has printed arrive.
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      racer.kill("SIGKILL");
      await reading;
    } finally {
      try {
        racer.kill("SIGKILL");
      } catch {
        // Ended.
      }
      await racer.status;
    }
  },
});
