/**
 * Puts files behind the runtime of compiled programs, denort, from where the program reads them by itself.
 * What `deno compile` includes costs each start: before the program's first line, Deno 2.7 reads all of it
 * into memory and copies it there.
 *
 * `deno compile` writes behind the runtime, and leaves in place what was there. The build checks that.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { NativeFile } from "../../ffi/bundle/native_bundle.ts";

/**
 * Writes `output`: the runtime in the file `runtime`, and behind it `files` of `directory`.
 *
 * @returns the files with their places
 */
export function attachFiles(
  runtime: string,
  directory: string,
  files: readonly NativeFile[],
  output: string,
): NativeFile[] {
  Deno.copyFileSync(runtime, output);
  using file = Deno.openSync(output, { append: true });
  return files.map((one) => {
    const offset = file.statSync().size;
    const content = Deno.readFileSync(join(directory, one.name));
    for (let written = 0; written < content.length;) {
      written += file.writeSync(content.subarray(written));
    }
    return { ...one, offset };
  });
}

/** @throws {Error} if one of `files` is not in its place in `program` */
export function checkAttached(program: string, files: readonly NativeFile[]): void {
  using file = Deno.openSync(program);
  for (const { name, offset, bytes, sha256 } of files) {
    if (offset === undefined) continue;
    file.seekSync(offset, Deno.SeekMode.Start);
    const content = new Uint8Array(bytes);
    for (let count = 0; count < bytes;) {
      const read = file.readSync(content.subarray(count));
      if (read === null) break;
      count += read;
    }
    if (createHash("sha256").update(content).digest("hex") !== sha256) {
      throw new Error(`Cannot find "${name}" in "${program}": Deno has moved what was attached`);
    }
  }
}
