/**
 * Runs a loaded program on a frame without any interface: BPF_PROG_TEST_RUN.
 *
 * @module
 */

import { libbpf } from "./load_libbpf.ts";
import { addressOf, allocate, allocateCopy, withPinned } from "../linux/native_memory.ts";
import { checkPrivileged } from "../linux/privilege.ts";

/** `struct bpf_test_run_opts`: `bpf/bpf.h`. */
const OPTIONS = {
  BYTES: 80,
  sz: 0,
  data_in: 8,
  data_out: 16,
  data_size_in: 24,
  data_size_out: 28,
  ctx_in: 32,
  ctx_out: 40,
  ctx_size_in: 48,
  ctx_size_out: 52,
  retval: 56,
  repeat: 60,
  duration: 64,
  flags: 68,
  batch_size: 76,
} as const;

/** Really send what the XDP program redirects or passes: `include/uapi/linux/bpf.h`, Linux 5.18. */
const BPF_F_TEST_XDP_LIVE_FRAMES = 1 << 1;

/** Room after the frame, so that a program that grows it does not fail with ENOSPC. */
const GROWTH_BYTES = 512;

export interface TestRunResult {
  /** What the program returned, as a signed number: TCX_NEXT is -1. */
  verdict: number;
  /** The frame after the program. */
  data: Uint8Array;
}

export interface TimedTestRunResult extends TestRunResult {
  /** Average time of one run. */
  durationNs: number;
}

/**
 * Runs an XDP program `repeat` times on `frame`.
 *
 * @param frame at least the 14 bytes of an Ethernet header; of more than about a page only for a
 * program of section `xdp.frags`
 * @param context a `struct xdp_md`: `data_end` is how much of the frame lies in the linear part, the
 * rest in fragments
 * @throws {UnsupportedError} if the kernel refuses it for lack of privilege
 * @throws {SystemError} `EINVAL` if the kernel cannot make such a frame
 */
export function testRunXdp(
  programFd: number,
  frame: Uint8Array,
  repeat = 1,
  context?: Uint8Array,
): TimedTestRunResult {
  return testRun(programFd, frame, { repeat, ...(context && { context }) });
}

/**
 * Runs a TC program on `frame`.
 *
 * @param context a `struct __sk_buff` whose set fields the packet gets; the kernel refuses fields
 * that it does not take (`net/bpf/test_run.c`, `convert___skb_to_skb`)
 * @throws {UnsupportedError} if the kernel refuses it for lack of privilege
 * @throws {SystemError} `EINVAL` if the kernel cannot make such a packet
 */
export function testRunTc(
  programFd: number,
  frame: Uint8Array,
  context?: Uint8Array,
): TimedTestRunResult {
  return testRun(programFd, frame, { repeat: 1, ...(context && { context }) });
}

/**
 * Lets an XDP program handle `count` copies of `frame` for real: what it redirects is sent, what it
 * passes goes up the network stack. A packet generator for tests; needs Linux 5.18.
 *
 * @param batchSize packets per burst, 1 to 256
 */
export function sendXdpLive(
  programFd: number,
  frame: Uint8Array,
  count: number,
  batchSize = 64,
): void {
  const flags = BPF_F_TEST_XDP_LIVE_FRAMES;
  testRun(programFd, frame, { repeat: count, flags, batchSize });
}

/**
 * Runs one program on many frames, one after the other, in the same memory: fast. It owns plain
 * memory only and is never closed; the program must outlive its use.
 */
export class TestRunner {
  /** Write the frame here before each run. */
  readonly frame: Uint8Array<ArrayBuffer>;
  /** The frame after the last run, valid up to {@link resultBytes} and until the next one. */
  readonly result: Uint8Array<ArrayBuffer>;
  /** `struct xdp_md` or `struct __sk_buff` for the next run, if {@link run} is told to use it. */
  readonly context: Uint8Array<ArrayBuffer>;
  readonly #programFd: number;
  readonly #memory: readonly unknown[];
  readonly #options = allocate(OPTIONS.BYTES);
  readonly #view = new DataView(this.#options.buffer);
  readonly #symbols = libbpf();

  /**
   * @param capacity bytes of the longest frame
   * @param contextBytes size of the program's context, 0 if it is never given
   */
  constructor(programFd: number, capacity: number, contextBytes = 0) {
    this.#programFd = programFd;
    this.frame = allocate(capacity);
    this.result = allocate(capacity + GROWTH_BYTES);
    this.context = allocate(contextBytes);
    this.#memory = [this.frame, this.result, this.context];
    this.#view.setBigUint64(OPTIONS.sz, BigInt(OPTIONS.BYTES), true);
    this.#view.setBigUint64(OPTIONS.data_in, addressOf(this.frame), true);
    this.#view.setBigUint64(OPTIONS.data_out, addressOf(this.result), true);
    this.#view.setInt32(OPTIONS.repeat, 1, true);
  }

  /** Length of the frame after the last run. */
  get resultBytes(): number {
    return this.#view.getUint32(OPTIONS.data_size_out, true);
  }

  /**
   * Runs the program once on the first `bytes` of {@link frame} and returns its verdict, signed.
   *
   * @throws {UnsupportedError} if the kernel refuses it for lack of privilege
   * @throws {SystemError} `EINVAL` if the kernel cannot make such a packet
   */
  run(bytes: number, withContext = false): number {
    const view = this.#view;
    view.setUint32(OPTIONS.data_size_in, bytes, true);
    view.setUint32(OPTIONS.data_size_out, this.result.length, true);
    view.setBigUint64(OPTIONS.ctx_in, withContext ? addressOf(this.context) : 0n, true);
    view.setUint32(OPTIONS.ctx_size_in, withContext ? this.context.length : 0, true);
    const result = withPinned(
      this.#memory,
      () => this.#symbols.bpf_prog_test_run_opts(this.#programFd, this.#options),
    );
    if (result < 0) checkPrivileged(`run the BPF program on a frame of ${bytes} bytes`, result);
    return view.getInt32(OPTIONS.retval, true);
  }
}

interface RunOptions {
  readonly repeat: number;
  readonly context?: Uint8Array;
  readonly flags?: number;
  readonly batchSize?: number;
}

function testRun(programFd: number, frame: Uint8Array, run: RunOptions): TimedTestRunResult {
  const live = run.flags === BPF_F_TEST_XDP_LIVE_FRAMES;
  const input = allocateCopy(frame);
  // With live frames the kernel refuses to give anything back.
  const output = live ? null : allocate(frame.length + GROWTH_BYTES);
  const context = run.context ? allocateCopy(run.context) : null;
  const opts = allocate(OPTIONS.BYTES);
  const view = new DataView(opts.buffer);
  view.setBigUint64(OPTIONS.sz, BigInt(OPTIONS.BYTES), true);
  view.setBigUint64(OPTIONS.data_in, addressOf(input), true);
  view.setBigUint64(OPTIONS.data_out, addressOf(output), true);
  view.setUint32(OPTIONS.data_size_in, input.length, true);
  view.setUint32(OPTIONS.data_size_out, output?.length ?? 0, true);
  view.setBigUint64(OPTIONS.ctx_in, addressOf(context), true);
  view.setUint32(OPTIONS.ctx_size_in, context?.length ?? 0, true);
  view.setInt32(OPTIONS.repeat, run.repeat, true);
  view.setUint32(OPTIONS.flags, run.flags ?? 0, true);
  view.setUint32(OPTIONS.batch_size, run.batchSize ?? 0, true);
  const symbols = libbpf();
  const result = withPinned(
    [input, output, context],
    () => symbols.bpf_prog_test_run_opts(programFd, opts),
  );
  checkPrivileged(`run the BPF program on a frame of ${frame.length} bytes`, result);
  return {
    verdict: view.getInt32(OPTIONS.retval, true),
    data: output?.subarray(0, view.getUint32(OPTIONS.data_size_out, true)) ?? new Uint8Array(),
    durationNs: view.getUint32(OPTIONS.duration, true),
  };
}
