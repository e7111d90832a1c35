/**
 * A root directory that holds a program, the C library that it is linked to, and nothing else: no
 * shell, no package, no Deno, no libbpf.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { check } from "./child_process.ts";
import { TempDirectory } from "./temp_directory.ts";

/** Where the program and its files are, seen from inside. */
const HOME = "/home";

export class MinimalRoot implements Disposable {
  /** The directory of the program's files, seen from outside. */
  readonly home: string;
  readonly #root = TempDirectory.create();
  readonly #program: string;

  private constructor(program: string) {
    this.#program = join(HOME, basename(program));
    this.home = join(this.#root.path, HOME);
  }

  /** Copies `program` and what the dynamic loader loads with it. */
  static async create(program: string): Promise<MinimalRoot> {
    const root = new MinimalRoot(program);
    for (const directory of [HOME, "/proc", "/sys"]) {
      Deno.mkdirSync(join(root.#root.path, directory));
    }
    root.#copy(program, root.#program);
    // "libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x...)", "/lib64/ld-linux-x86-64.so.2 (0x...)"
    for (const [path] of (await check(["ldd", program])).matchAll(/\/\S+/g)) root.#copy(path, path);
    return root;
  }

  /** Paths of all files, seen from inside, sorted. */
  files(directory = "/"): string[] {
    const entries = [...Deno.readDirSync(join(this.#root.path, directory))];
    return entries.flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory ? this.files(path) : [path];
    }).sort();
  }

  /**
   * The command line that runs the program inside, with `/proc` and `/sys` of the caller's
   * namespaces and no environment but PATH. The mounts go away with the process.
   */
  argv(...args: string[]): string[] {
    const script = 'mount -t proc proc "$1/proc" && mount -t sysfs sysfs "$1/sys" && ' +
      'root=$1 && shift && exec env -i PATH=/usr/sbin:/usr/bin chroot "$root" "$@"';
    const root = this.#root.path;
    return ["unshare", "--mount", "sh", "-c", script, "sh", root, this.#program, ...args];
  }

  #copy(from: string, to: string): void {
    const target = join(this.#root.path, to);
    Deno.mkdirSync(dirname(target), { recursive: true });
    Deno.copyFileSync(from, target);
    Deno.chmodSync(target, 0o755);
  }

  [Symbol.dispose](): void {
    this.#root[Symbol.dispose]();
  }
}
