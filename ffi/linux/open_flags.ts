/**
 * What openat(2) and its relatives are told: `linux/fcntl.h`, `asm-generic/fcntl.h`. The same on x86-64
 * and aarch64 but for two (arch/arm64/include/uapi/asm/fcntl.h).
 *
 * @module
 */

/** In place of a descriptor: relative paths begin in the working directory. */
export const AT_FDCWD = -100;

const IS_ARM = Deno.build.arch === "aarch64";

export const O_RDONLY = 0;
export const O_WRONLY = 0o1;
export const O_RDWR = 0o2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NONBLOCK = 0o4000;
export const O_DIRECTORY = IS_ARM ? 0o40000 : 0o200000;
export const O_NOFOLLOW = IS_ARM ? 0o100000 : 0o400000;
export const O_CLOEXEC = 0o2000000;
export const O_PATH = 0o10000000;
