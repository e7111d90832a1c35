/**
 * The part of the C library that files of data take, as data. See `libc_symbols.ts`.
 *
 * @module
 */

export const DATA_FILE_SYMBOLS = {
  // Files that grow: pread(2), pwrite(2), ftruncate(2), fdatasync(2), copy_file_range(2), fallocate(2),
  // sync_file_range(2). off_t has 64 bits on both machines.
  pread: {
    parameters: [
      "i32", // int fd
      "buffer", // void *buf
      "usize", // size_t count
      "i64", // off_t offset
    ],
    result: "isize", // ssize_t
  },
  pwrite: {
    parameters: [
      "i32", // int fd
      "buffer", // const void *buf
      "usize", // size_t count
      "i64", // off_t offset
    ],
    result: "isize", // ssize_t
  },
  ftruncate: {
    parameters: [
      "i32", // int fd
      "i64", // off_t length
    ],
    result: "i32", // int
  },
  fdatasync: {
    parameters: [
      "i32", // int fd
    ],
    result: "i32", // int
  },
  copy_file_range: {
    parameters: [
      "i32", // int fd_in
      "buffer", // off_t *off_in
      "i32", // int fd_out
      "buffer", // off_t *off_out
      "usize", // size_t len
      "u32", // unsigned int flags
    ],
    result: "isize", // ssize_t
  },
  fallocate: {
    parameters: [
      "i32", // int fd
      "i32", // int mode
      "i64", // off_t offset
      "i64", // off_t len
    ],
    result: "i32", // int
  },
  sync_file_range: {
    parameters: [
      "i32", // int fd
      "i64", // off_t offset
      "i64", // off_t nbytes
      "u32", // unsigned int flags
    ],
    result: "i32", // int
  },
} as const satisfies Deno.ForeignLibraryInterface;
