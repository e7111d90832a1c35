/**
 * Readers that do not read: named pipes without room, and processes that wait in a write.
 *
 * @module
 */
import { check } from "./child_process.ts";
import { hasGone } from "./gone.ts";

/** Number of write(2): `asm/unistd_64.h` of x86-64, `asm-generic/unistd.h` elsewhere. */
const SYS_WRITE = Deno.build.arch === "x86_64" ? 1 : 64;

/**
 * A named pipe that is open at its other end, where nobody reads. `fill()` takes the room in it, after
 * which every write waits. Dispose to close the other end.
 */
export class StalledPipe implements Disposable {
  readonly path: string;
  readonly #end: Deno.FsFile;

  private constructor(path: string, end: Deno.FsFile) {
    this.path = path;
    this.#end = end;
  }

  /** @param path of the pipe, which is made */
  static async create(path: string): Promise<StalledPipe> {
    await check(["mkfifo", path]);
    // Open for both, or it would wait for the other end (fifo(7)).
    return new StalledPipe(path, Deno.openSync(path, { read: true, write: true }));
  }

  async fill(): Promise<void> {
    const byBytes = ["bs=1", "count=100000"];
    const byPages = ["bs=4096", "count=1000"];
    for (const sizes of [byPages, byBytes]) {
      // It ends when there is no room, with an error that is expected.
      await check(["sh", "-c", '! dd "$@" 2>/dev/null', "sh", "if=/dev/zero", "oflag=nonblock"]
        .concat(`of=${this.path}`, sizes));
    }
  }

  [Symbol.dispose](): void {
    this.#end.close();
  }
}

/** Whether a thread of `pid` waits in write(2) for what its descriptor `fd` leads to; not when it has ended. */
export function waitsInWrite(pid: number, fd: number): boolean {
  let target: string;
  let threads: readonly string[];
  try {
    target = Deno.readLinkSync(`/proc/${pid}/fd/${fd}`);
    threads = Array.from(Deno.readDirSync(`/proc/${pid}/task`), ({ name }) => name);
  } catch (error) {
    if (hasGone(error)) return false;
    throw error;
  }
  for (const name of threads) {
    try {
      // proc_pid_syscall(5): number and arguments, or "running".
      const [call, first] = Deno.readTextFileSync(`/proc/${pid}/task/${name}/syscall`).split(" ");
      if (Number(call) !== SYS_WRITE) continue;
      if (Deno.readLinkSync(`/proc/${pid}/fd/${Number(first)}`) === target) return true;
    } catch (error) {
      // The thread, or what it wrote to, has gone.
      if (!hasGone(error)) throw error;
    }
  }
  return false;
}
