/**
 * System calls in every thread of this process.
 *
 * Capabilities, `no_new_privs` and the bounding set belong to a thread, and no other thread can take
 * them away: capset(2), prctl(2). The runtime has threads of its own from the beginning (V8, timers,
 * blocking calls), in which no code of ours ever runs. So each is sent a signal whose handler is a few
 * instructions of machine code that make the calls of a table. The C library changes user ids in all
 * threads in the same way (nptl(7), "NPTL and signals"), but does not lend it out.
 *
 * @module
 */

import { cString } from "./cstring.ts";
import { checkStartingLibc, ERRNO, lastErrno, prepareErrno, SystemError } from "./errno.ts";
import { startingLibc } from "./load_libc.ts";
import { allocate } from "./native_memory.ts";

const IS_X86_64 = Deno.build.arch === "x86_64";

/** `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`. */
const SYS_TGKILL = IS_X86_64 ? 234n : 131n;
const SYS_GETTID = IS_X86_64 ? 186n : 178n;

/** Ends a table in place of a number. */
const END = -1n;

/**
 * The handler: makes the calls of the table 65,536 bytes behind it, stores each result, and then 1
 * behind the end mark. It touches neither `errno` nor the stack of the thread beyond one word.
 *
 * x86-64: `push rbx; lea rbx, [rip+65528]; 1: mov rax, [rbx]; test rax, rax; js 2f; mov rdi, [rbx+8];
 * mov rsi, [rbx+16]; mov rdx, [rbx+24]; mov r10, [rbx+32]; mov r8, [rbx+40]; syscall; mov [rbx+48], rax;
 * add rbx, 56; jmp 1b; 2: mov qword ptr [rbx+8], 1; pop rbx; ret`
 *
 * arm64: `adr x9, .+65536; 1: ldr x8, [x9]; tbnz x8, #63, 2f; ldr x0, [x9, #8]; ldr x1, [x9, #16];
 * ldr x2, [x9, #24]; ldr x3, [x9, #32]; ldr x4, [x9, #40]; svc #0; str x0, [x9, #48]; add x9, x9, #56;
 * b 1b; 2: mov x10, #1; add x11, x9, #8; stlr x10, [x11]; ret`
 */
const HANDLER = Uint8Array.fromHex(
  IS_X86_64
    ? "53488d1df8ff0000488b034885c07820488b7b08488b7310488b53184c8b53204c8b43280f05488943304883c338ebd8" +
      "48c74308010000005bc3"
    : "09000810280140f94801f8b7200540f9210940f9220d40f9231140f9241540f9010000d4201900f929e10091f6ffff17" +
      "2a0080d22b2100916afd9fc8c0035fd6",
);

const TABLE_OFFSET = 65_536;
/** A multiple of every page size. */
const TABLE_BYTES = 65_536;
/** Number, five arguments, result. */
const ENTRY_BYTES = 56;
const ENTRY_RESULT = 48;
const ENTRY_DONE = 8;
/** Where memory for arguments begins in the table's pages. */
const ARGUMENTS_OFFSET = 32_768;

/** `bits/mman-linux.h`, the same on x86-64 and arm64. */
const PROT_READ = 1;
const PROT_WRITE = 2;
const PROT_EXEC = 4;
const MAP_SHARED = 1;
const MAP_FIXED = 0x10;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;
/** `linux/memfd.h`. */
const MFD_CLOEXEC = 1;

/** The last real-time signal but one: signal(7). Nothing else here uses any. */
const SIGNAL = 63;
/** `struct sigaction` of the GNU C library, `bits/sigaction.h`: handler, mask, flags. */
const ACTION = { BYTES: 152, handler: 0, mask: 8, MASK_BYTES: 128, flags: 136 } as const;
const SA_RESTART = 0x1000_0000;
const SA_ONSTACK = 0x0800_0000;
const SIG_IGN = 1n;

/** How long a thread may take to run the handler, milliseconds: it may be in an uninterruptible sleep. */
const LIMIT_MS = 5_000;
const SPINS = 2_000;

/** One system call, without a pointer but to {@linkcode ThreadCalls.argument}. */
export interface ThreadCall {
  readonly number: bigint;
  readonly arguments: readonly (number | bigint)[];
  /** What it is for, if it must not fail. */
  readonly must?: string;
}

/** Number of the calling thread. */
export function ownThread(): number {
  return Number(startingLibc().syscall(SYS_GETTID, 0n, 0n, 0n, 0n));
}

/** Makes system calls in threads of this process. One at a time in a process, on the main thread. */
export class ThreadCalls implements Disposable {
  readonly #base: bigint;
  readonly #table: DataView;
  /** What the table holds: writing takes most of the time. */
  #written: readonly ThreadCall[] = [];

  private constructor(base: bigint) {
    this.#base = base;
    const pointer = Deno.UnsafePointer.create(base + BigInt(TABLE_OFFSET))!;
    this.#table = new DataView(Deno.UnsafePointerView.getArrayBuffer(pointer, TABLE_BYTES));
  }

  /** @throws {SystemError} if the kernel gives no memory for it */
  static create(): ThreadCalls {
    const name = cString("xdp-inspector-threads");
    const fd = checkStartingLibc(
      "make memory",
      ({ memfd_create }) => memfd_create(name, MFD_CLOEXEC),
    );
    try {
      const image = allocate(TABLE_OFFSET + TABLE_BYTES);
      image.set(HANDLER);
      checkStartingLibc("fill memory", ({ write }) => write(fd, image, BigInt(image.length)));
      // One range for both, so that nothing else comes to lie behind the code.
      const base = map(null, image.length, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
      const table = Deno.UnsafePointer.create(base + BigInt(TABLE_OFFSET));
      map(table, TABLE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, TABLE_OFFSET);
      setHandler(base);
      return new ThreadCalls(base);
    } finally {
      startingLibc().close(fd);
    }
  }

  /** Stores an argument for calls. @returns its address, for all threads */
  argument(offset: number, words: readonly number[]): bigint {
    const start = ARGUMENTS_OFFSET + offset;
    words.forEach((word, index) => this.#table.setUint32(start + index * 4, word, true));
    return this.#base + BigInt(TABLE_OFFSET + start);
  }

  /**
   * Makes calls in every thread, the calling one last.
   *
   * @param callsOf what to call in a thread; asked directly before
   * @throws {SystemError} if a call fails that must not, or a thread does not answer
   */
  run(callsOf: (thread: number) => readonly ThreadCall[]): void {
    const own = ownThread();
    const done = new Set<number>();
    // A thread that started meanwhile has what its maker had.
    for (let found = true; found;) {
      found = false;
      for (const { name } of Deno.readDirSync("/proc/self/task")) {
        const thread = Number(name);
        if (thread === own || done.has(thread)) continue;
        done.add(thread);
        found = true;
        this.#runIn(thread, callsOf(thread));
      }
    }
    this.#runIn(own, callsOf(own));
  }

  #runIn(thread: number, calls: readonly ThreadCall[]): void {
    calls.forEach((call, index) => {
      if (call === this.#written[index]) return;
      const entry = index * ENTRY_BYTES;
      this.#table.setBigInt64(entry, call.number, true);
      for (let number = 0; number < 5; number++) {
        const value = BigInt(call.arguments[number] ?? 0);
        this.#table.setBigUint64(entry + 8 + number * 8, value, true);
      }
    });
    this.#written = calls;
    const end = calls.length * ENTRY_BYTES;
    this.#table.setBigInt64(end, END, true);
    this.#table.setBigInt64(end + ENTRY_DONE, 0n, true);
    if (!signalThread(thread, SIGNAL) || !this.#answered(thread, end)) return;
    calls.forEach(({ must }, index) => {
      const result = this.#table.getBigInt64(index * ENTRY_BYTES + ENTRY_RESULT, true);
      if (must !== undefined && result < 0n) throw new SystemError(must, Number(-result));
    });
  }

  /** @returns whether the handler has run; false if the thread has ended */
  #answered(thread: number, end: number): boolean {
    const limit = performance.now() + LIMIT_MS;
    for (let turn = 0; this.#table.getBigInt64(end + ENTRY_DONE, true) === 0n; turn++) {
      if (turn < SPINS) continue;
      if (!signalThread(thread, 0)) return false;
      if (performance.now() > limit) {
        throw new SystemError(`reach thread ${thread} of this process`, ERRNO.EAGAIN);
      }
      pause();
    }
    return true;
  }

  [Symbol.dispose](): void {
    // Not unmapped: a thread that did not answer in time may still be about to.
    setHandler(SIG_IGN);
  }
}

function map(
  address: Deno.PointerValue,
  bytes: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
): bigint {
  prepareErrno();
  const mapped = startingLibc().mmap(address, BigInt(bytes), protection, flags, fd, BigInt(offset));
  const value = Deno.UnsafePointer.value(mapped);
  if (value === MAP_FAILED) throw new SystemError("map memory", lastErrno());
  return value;
}

function setHandler(handler: bigint): void {
  const action = allocate(ACTION.BYTES);
  const view = new DataView(action.buffer);
  view.setBigUint64(ACTION.handler, handler, true);
  action.fill(0xff, ACTION.mask, ACTION.mask + ACTION.MASK_BYTES);
  view.setInt32(ACTION.flags, SA_RESTART | SA_ONSTACK, true);
  checkStartingLibc("handle a signal", ({ sigaction }) => sigaction(SIGNAL, action, null));
}

/** @returns whether there is such a thread */
function signalThread(thread: number, signal: number): boolean {
  prepareErrno();
  const sent = startingLibc().syscall(
    SYS_TGKILL,
    BigInt(Deno.pid),
    BigInt(thread),
    BigInt(signal),
    0n,
  );
  if (sent === 0n) return true;
  if (lastErrno() === ERRNO.ESRCH) return false;
  throw new SystemError("signal a thread of this process", lastErrno());
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}
