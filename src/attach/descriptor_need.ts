/**
 * Whether this process may open as many descriptors as a recording takes. Asked before anything is
 * loaded: short of descriptors, libbpf and the kernel say all kinds of things, never that.
 *
 * @module
 */
import { descriptorLimit } from "../../ffi/mod.ts";
import { RunError } from "../core/errors.ts";

/**
 * Descriptors of one attach point: its counters, and its program until it is attached; then its link.
 */
const PER_POINT = 2;

/**
 * The same where interfaces are waited for: counters and programs for XDP, and for TC with Ethernet
 * headers and without, and the link.
 */
const PER_WAITING_POINT = 7;

/**
 * What a recording opens besides: common maps, two threads, the output, and while a program is loaded
 * twice as many maps and the type information. Measured: 28.
 */
const PER_RECORDING = 40;

/** What a recording would take, and what it may have. */
export interface DescriptorNeed {
  /** Descriptors open at a time, those that are open already included. */
  readonly needed: number;
  readonly limit: number;
}

/**
 * @param points number of attach points
 * @param waits whether their interfaces are waited for
 */
export function descriptorNeed(points: number, waits = false): DescriptorNeed {
  const limit = descriptorLimit();
  const perPoint = waits ? PER_WAITING_POINT : PER_POINT;
  return { needed: openDescriptors(limit) + PER_RECORDING + perPoint * points, limit };
}

/**
 * @param points number of attach points
 * @param waits whether their interfaces are waited for
 * @throws {RunError} if the limit of this process is too low
 */
export function requireDescriptors(points: number, waits = false): void {
  const { needed, limit } = descriptorNeed(points, waits);
  if (needed <= limit) return;
  throw new RunError(
    `Cannot record with ${points} programs: that takes ${needed} open files, the limit is ${limit}`,
    { hint: descriptorHint(needed) },
  );
}

/** How to get a limit of at least `needed` descriptors. */
export function descriptorHint(needed: number): string {
  const enough = 2 ** Math.ceil(Math.log2(Math.max(needed, 1024)));
  return `Raise it with "ulimit -n ${enough}", or LimitNOFILE= of the systemd unit`;
}

/** As many as the limit if there is none left to list them with. */
function openDescriptors(limit: number): number {
  try {
    return [...Deno.readDirSync("/proc/self/fd")].length;
  } catch {
    return limit;
  }
}
