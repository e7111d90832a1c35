/**
 * File systems of a test's own that begin to refuse what is written, for real: the kernel says so, to
 * whatever call.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { checkLibc } from "../../ffi/linux/errno.ts";
import { cString } from "../../ffi/linux/cstring.ts";
import { check, run } from "./child_process.ts";
import { waitFor } from "./deadline.ts";
import { mountMemory, unmount } from "./small_disk.ts";

/** `linux/memfd.h`, `linux/fcntl.h`. */
const MFD_ALLOW_SEALING = 0x2;
const F_ADD_SEALS = 1033;
const F_SEAL_WRITE = 0x8;

const LIMIT_MS = 60_000;
const DEVICE_BYTES = 32 * 2 ** 20;
/** mkfs.btrfs(8) wants 109 MiB; what is not written takes none. */
const QUOTA_DEVICE_BYTES = 256 * 2 ** 20;

/** Room on a disk that is soon full, bytes. */
const ROOM_BYTES = 16 * 2 ** 10;

/** How often room that was made is taken again, milliseconds. */
const FILL_MS = 20;

/** A mounted file system; unmounted on disposal. */
export interface FaultyDisk extends AsyncDisposable {
  readonly path: string;
  /** From now on writing fails. */
  break(): Promise<void>;
  /** Writing succeeds again; null where that cannot be. */
  readonly mend: (() => Promise<void>) | null;
}

/** In memory; broken it has room for few more packets, whatever was written until then. */
export async function fullDisk(path: string): Promise<FaultyDisk> {
  await mountMemory(path, "size=16m");
  return {
    path,
    // Less than is in use at this moment cannot be.
    break: () =>
      waitFor(`"${path}" to become small`, LIMIT_MS, async () => {
        const { blocks, bfree, bsize } = statfsSync(path);
        const bytes = (blocks - bfree) * bsize + ROOM_BYTES;
        return (await run(["mount", "-o", `remount,size=${bytes}`, path])).code === 0;
      }).then(() => {}),
    mend: async () => void await check(["mount", "-o", "remount,size=16m", path]),
    [Symbol.asyncDispose]: () => unmount(path),
  };
}

/** In memory; read-only when broken. No file may be open for writing there when it is. */
export async function readOnlyDisk(path: string): Promise<FaultyDisk> {
  await mountMemory(path, "size=16m");
  return {
    path,
    // What is being written at this moment is written first.
    break: () =>
      waitFor(`"${path}" to become read-only`, LIMIT_MS, async () => {
        return (await run(["mount", "-o", "remount,ro", path])).code === 0;
      }).then(() => {}),
    mend: async () => void await check(["mount", "-o", "remount,rw", path]),
    [Symbol.asyncDispose]: () => unmount(path),
  };
}

/**
 * In memory, with room for data but none for another file: what is removed there while it is broken
 * makes no room either.
 */
export async function diskWithoutInodes(path: string): Promise<FaultyDisk> {
  await mountMemory(path, "size=16m,nr_inodes=64");
  let timer: ReturnType<typeof setInterval> | undefined;
  let files = 0;
  const fill = () => {
    try {
      for (;;) Deno.writeTextFileSync(`${path}/filler-${files++}`, "");
    } catch {
      // There is room for no more.
    }
  };
  return {
    path,
    break: () => {
      fill();
      timer = setInterval(fill, FILL_MS);
      return Promise.resolve();
    },
    mend: async () => {
      clearInterval(timer);
      await check(["mount", "-o", "remount,nr_inodes=1024", path]);
    },
    [Symbol.asyncDispose]: () => {
      clearInterval(timer);
      return unmount(path);
    },
  };
}

/** Whether this kernel can have {@linkcode diskWithQuota}. */
export function hasBtrfs(): boolean {
  const isKnown = () => /\bbtrfs$/m.test(Deno.readTextFileSync("/proc/filesystems"));
  if (!isKnown()) new Deno.Command("modprobe", { args: ["-q", "btrfs"] }).outputSync();
  return isKnown();
}

/**
 * A btrfs on a loop device: its quota of a subvolume refuses data and files alike (EDQUOT). It needs no
 * more of the kernel than btrfs itself.
 */
export async function diskWithQuota(path: string): Promise<FaultyDisk> {
  const top = `${path}.top`;
  Deno.mkdirSync(top);
  const fd = memoryFile(0);
  const backing = `/proc/${Deno.pid}/fd/${fd}`;
  await using onFailure = new AsyncDisposableStack();
  onFailure.defer(() => closeFile(fd));
  await check(["truncate", "-s", String(QUOTA_DEVICE_BYTES), backing]);
  await check(["mkfs.btrfs", "-q", "-f", "-m", "single", backing]);
  await check(["mount", "-o", "loop", backing, top]);
  onFailure.defer(() => unmount(top));
  await check(["btrfs", "quota", "enable", top]);
  await check(["btrfs", "subvolume", "create", `${top}/limited`]);
  Deno.mkdirSync(path);
  await check(["mount", "--bind", `${top}/limited`, path]);
  const limit = (size: string) => check(["btrfs", "qgroup", "limit", size, path]);
  onFailure.defer(() => unmount(path));
  const made = onFailure.move();
  return {
    path,
    break: async () => void await limit("128k"),
    mend: async () => void await limit("none"),
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  };
}

/**
 * ext4 on a loop device whose memory is sealed when it is broken: what is written gets into the page
 * cache, and the kernel fails to bring it onto the device (EIO from fsync).
 */
export async function failingDevice(path: string): Promise<FaultyDisk> {
  Deno.mkdirSync(path);
  const fd = memoryFile(MFD_ALLOW_SEALING);
  const backing = `/proc/${Deno.pid}/fd/${fd}`;
  try {
    // /proc is a link that the runtime does not follow here.
    await check(["truncate", "-s", String(DEVICE_BYTES), backing]);
    await check(["mkfs.ext4", "-q", "-F", "-O", "^has_journal", backing]);
    await check(["mount", "-o", "loop", backing, path]);
  } catch (error) {
    closeFile(fd);
    throw error;
  }
  return {
    path,
    break: () => {
      checkLibc("seal a device", (libc) => libc.fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
      return Promise.resolve();
    },
    mend: null,
    async [Symbol.asyncDispose]() {
      try {
        await unmount(path);
      } finally {
        closeFile(fd);
      }
    },
  };
}

/** @returns its descriptor */
function memoryFile(flags: number): number {
  const label = cString("xdp-inspector-test");
  return checkLibc("make a device", (libc) => libc.memfd_create(label, flags));
}

function closeFile(fd: number): void {
  checkLibc("close a device", (libc) => libc.close(fd));
}
