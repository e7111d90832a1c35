/**
 * File systems in memory, and one that is soon full. Needs root.
 *
 * @module
 */
import { check } from "./child_process.ts";

/** A file system of its own for one directory, unmounted on disposal. */
export class SmallDisk implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * @param path of the directory, which must not exist
   * @param size as mount(8) takes it: `64k`
   */
  static async mount(path: string, size: string): Promise<SmallDisk> {
    await mountMemory(path, `size=${size}`);
    return new SmallDisk(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await unmount(this.path);
  }
}

/** @param path of the directory, which must not exist */
export async function mountMemory(path: string, options: string): Promise<void> {
  Deno.mkdirSync(path);
  await check(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path]);
}

/** Whatever is open there still. */
export async function unmount(path: string): Promise<void> {
  await check(["umount", "--lazy", path]);
}
