/**
 * Watches what a program brings onto the disk: whether a file outlives a power failure cannot be tried
 * in a test, but whether the kernel was asked for it can be seen.
 *
 * @module
 */

/** Calls of `Deno.FsFile` that bring a file or directory onto the disk. */
const CALLS = ["syncSync", "syncDataSync", "sync", "syncData"] as const;

/** One call; `inode` is that of the file it was made for. */
export interface SyncCall {
  readonly call: typeof CALLS[number];
  readonly inode: number | null;
}

/** Runs `action`, and `seen` at each call that brings something onto the disk, before it is made. */
export function watchSyncs(seen: (call: SyncCall) => void, action: () => void): void {
  const { prototype } = Deno.FsFile;
  const originals = CALLS.map((call) => prototype[call]);
  for (const [index, call] of CALLS.entries()) {
    prototype[call] = function (this: Deno.FsFile) {
      seen({ call, inode: this.statSync().ino });
      return (originals[index] as (this: Deno.FsFile) => unknown).call(this) as never;
    };
  }
  try {
    action();
  } finally {
    for (const [index, call] of CALLS.entries()) prototype[call] = originals[index] as never;
  }
}
