/**
 * The part of the C library that is used, as data: importing this opens nothing.
 *
 * Each argument carries its C declaration from the Linux manual page of that name. A `buffer` is
 * memory of ours, a `pointer` is memory that we get from C.
 *
 * @module
 */

export const LIBC_SYMBOLS = {
  // Error number of the calling thread: errno(3).
  __errno_location: {
    parameters: [], // void
    result: "pointer", // int *
  },

  // File descriptors: open(2), openat(2), close(2), read(2), write(2), eventfd(2), memfd_create(2),
  // fcntl(2). The first two are declared variadic in C, for a mode that only a new file needs, fcntl
  // for an argument that some operations take; fixed integer arguments are passed the same way on
  // x86-64 and aarch64.
  open: {
    parameters: [
      "buffer", // const char *pathname
      "i32", // int flags
    ],
    result: "i32", // int
  },
  openat: {
    parameters: [
      "i32", // int dirfd
      "buffer", // const char *pathname
      "i32", // int flags
      "u32", // mode_t mode
    ],
    result: "i32", // int
  },
  close: {
    parameters: [
      "i32", // int fd
    ],
    result: "i32", // int
  },
  read: {
    parameters: [
      "i32", // int fd
      "buffer", // void *buf
      "usize", // size_t count
    ],
    result: "isize", // ssize_t
  },
  write: {
    parameters: [
      "i32", // int fd
      "buffer", // const void *buf
      "usize", // size_t count
    ],
    result: "isize", // ssize_t
  },
  eventfd: {
    parameters: [
      "u32", // unsigned int initval
      "i32", // int flags
    ],
    result: "i32", // int
  },

  memfd_create: {
    parameters: [
      "buffer", // const char *name
      "u32", // unsigned int flags
    ],
    result: "i32", // int
  },
  fcntl: {
    parameters: [
      "i32", // int fd
      "i32", // int cmd
      "i32", // int arg
    ],
    result: "i32", // int
  },

  // Names in an open directory, and files by their descriptor: mkdirat(2), statx(2), readlinkat(2),
  // renameat2(2), linkat(2), unlinkat(2), fchown(2), fchmod(2), fsync(2), flock(2). statx(2) takes the
  // place of fstatat(2), because its structure is the same on every machine.
  mkdirat: {
    parameters: [
      "i32", // int dirfd
      "buffer", // const char *pathname
      "u32", // mode_t mode
    ],
    result: "i32", // int
  },
  statx: {
    parameters: [
      "i32", // int dirfd
      "buffer", // const char *pathname
      "i32", // int flags
      "u32", // unsigned int mask
      "buffer", // struct statx *statxbuf
    ],
    result: "i32", // int
  },
  readlinkat: {
    parameters: [
      "i32", // int dirfd
      "buffer", // const char *pathname
      "buffer", // char *buf
      "usize", // size_t bufsiz
    ],
    result: "isize", // ssize_t
  },
  renameat2: {
    parameters: [
      "i32", // int olddirfd
      "buffer", // const char *oldpath
      "i32", // int newdirfd
      "buffer", // const char *newpath
      "u32", // unsigned int flags
    ],
    result: "i32", // int
  },
  linkat: {
    parameters: [
      "i32", // int olddirfd
      "buffer", // const char *oldpath
      "i32", // int newdirfd
      "buffer", // const char *newpath
      "i32", // int flags
    ],
    result: "i32", // int
  },
  unlinkat: {
    parameters: [
      "i32", // int dirfd
      "buffer", // const char *pathname
      "i32", // int flags
    ],
    result: "i32", // int
  },
  fchown: {
    parameters: [
      "i32", // int fd
      "u32", // uid_t owner
      "u32", // gid_t group
    ],
    result: "i32", // int
  },
  fchmod: {
    parameters: [
      "i32", // int fd
      "u32", // mode_t mode
    ],
    result: "i32", // int
  },
  fsync: {
    parameters: [
      "i32", // int fd
    ],
    result: "i32", // int
  },
  flock: {
    parameters: [
      "i32", // int fd
      "i32", // int operation
    ],
    result: "i32", // int
  },

  // The kernel's word on this process: getauxval(3).
  getauxval: {
    parameters: [
      "u64", // unsigned long type
    ],
    result: "u64", // unsigned long
  },

  // Memory: mmap(2), munmap(2), sysconf(3).
  mmap: {
    parameters: [
      "pointer", // void *addr
      "usize", // size_t length
      "i32", // int prot
      "i32", // int flags
      "i32", // int fd
      "i64", // off_t offset
    ],
    result: "pointer", // void *
  },
  munmap: {
    parameters: [
      "pointer", // void *addr
      "usize", // size_t length
    ],
    result: "i32", // int
  },
  sysconf: {
    parameters: [
      "i32", // int name
    ],
    result: "i64", // long
  },

  // Waiting: epoll_create1(2), epoll_ctl(2), epoll_wait(2).
  epoll_create1: {
    parameters: [
      "i32", // int flags
    ],
    result: "i32", // int
  },
  epoll_ctl: {
    parameters: [
      "i32", // int epfd
      "i32", // int op
      "i32", // int fd
      "buffer", // struct epoll_event *event
    ],
    result: "i32", // int
  },
  epoll_wait: {
    parameters: [
      "i32", // int epfd
      "buffer", // struct epoll_event *events
      "i32", // int maxevents
      "i32", // int timeout
    ],
    result: "i32", // int
  },

  // Time: clock_gettime(2).
  clock_gettime: {
    parameters: [
      "i32", // clockid_t clockid
      "buffer", // struct timespec *tp
    ],
    result: "i32", // int
  },

  // Network interfaces: if_nametoindex(3), if_indextoname(3).
  if_nametoindex: {
    parameters: [
      "buffer", // const char *ifname
    ],
    result: "u32", // unsigned int
  },

  if_indextoname: {
    parameters: [
      "u32", // unsigned int ifindex
      "buffer", // char *ifname
    ],
    result: "pointer", // char *
  },

  // Sockets: socket(2), bind(2), send(2), recv(2), ioctl(2). The last is declared variadic in C; a
  // fixed pointer argument is passed the same way on x86-64 and aarch64.
  socket: {
    parameters: [
      "i32", // int domain
      "i32", // int type
      "i32", // int protocol
    ],
    result: "i32", // int
  },
  bind: {
    parameters: [
      "i32", // int sockfd
      "buffer", // const struct sockaddr *addr
      "u32", // socklen_t addrlen
    ],
    result: "i32", // int
  },
  send: {
    parameters: [
      "i32", // int sockfd
      "buffer", // const void *buf
      "usize", // size_t len
      "i32", // int flags
    ],
    result: "isize", // ssize_t
  },
  recv: {
    parameters: [
      "i32", // int sockfd
      "buffer", // void *buf
      "usize", // size_t len
      "i32", // int flags
    ],
    result: "isize", // ssize_t
  },
  ioctl: {
    parameters: [
      "i32", // int fd
      "u64", // unsigned long request
      "buffer", // void *argp
    ],
    result: "i32", // int
  },

  // Memory: memcpy(3). Its result, the first argument, is of no use to us.
  memcpy: {
    parameters: [
      "pointer", // void *dest
      "buffer", // const void *src
      "usize", // size_t n
    ],
    result: "pointer", // void *
  },

  // Limits: getrlimit(2), setrlimit(2).
  getrlimit: {
    parameters: [
      "i32", // int resource
      "buffer", // struct rlimit *rlim
    ],
    result: "i32", // int
  },
  setrlimit: {
    parameters: [
      "i32", // int resource
      "buffer", // const struct rlimit *rlim
    ],
    result: "i32", // int
  },

  // Namespaces: unshare(2), setns(2).
  unshare: {
    parameters: [
      "i32", // int flags
    ],
    result: "i32", // int
  },
  setns: {
    parameters: [
      "i32", // int fd
      "i32", // int nstype
    ],
    result: "i32", // int
  },

  // System calls that the C library does not wrap: syscall(2). Declared variadic in C; fixed
  // integer arguments are passed the same way on x86-64 and aarch64.
  syscall: {
    parameters: [
      "i64", // long number
      "u64", // first argument
      "u64", // second argument
      "u64", // third argument
    ],
    result: "i64", // long
  },
} as const satisfies Deno.ForeignLibraryInterface;
