/**
 * A directory of a test's own: `using directory = TempDirectory.create()`.
 *
 * @module
 */
import { join } from "node:path";

/** How often it is tried to remove a directory, and the pause between, milliseconds. */
const ATTEMPTS = 20;
const PAUSE_MS = 50;

/** An empty directory that is removed, with all that is in it, on dispose. */
export class TempDirectory implements Disposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static create(): TempDirectory {
    return new TempDirectory(Deno.makeTempDirSync({ prefix: "xdp-inspector-" }));
  }

  /** Path of `name` in the directory. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Names of all entries, hidden ones too, sorted. */
  list(): string[] {
    return [...Deno.readDirSync(this.path)].map((entry) => entry.name).sort();
  }

  [Symbol.dispose](): void {
    for (let attempt = 1;; attempt++) {
      try {
        return Deno.removeSync(this.path, { recursive: true });
      } catch (error) {
        // Who is about to end may still be making files there.
        if (attempt === ATTEMPTS) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
      }
    }
  }
}
