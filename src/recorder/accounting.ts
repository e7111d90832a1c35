/**
 * Accounting: where every packet that was seen has gone.
 *
 * @module
 */
import type { AttachedHook } from "../capture/attach_plan.ts";
import { addCounters, type PacketCounters } from "../capture/counters.ts";
import type { Accounting, InterfaceReport } from "../event/recording_report.ts";

/**
 * Accounts for every packet that was seen.
 *
 * @param counters final counters of the kernel side
 * @param unreadable records that the reader had to pass over
 */
export function account(counters: PacketCounters, unreadable: number): Accounting {
  const drops = {
    ring_full: counters.ringFull,
    queue_full: counters.queueFull,
    unreadable_record: unreadable,
  };
  return {
    packets_seen: counters.seen,
    packets_captured: counters.captured - unreadable,
    packets_dropped: drops.ring_full + drops.queue_full + drops.unreadable_record,
    drops,
    packets_sampled_out: counters.sampledOut,
    packets_filtered: counters.filtered,
    bytes_captured: counters.capturedBytes,
  };
}

/** Accounts for each hook. Records that cannot be read belong to no hook: only the sum has them. */
export function accountByHook(
  hooks: readonly AttachedHook[],
  counters: readonly PacketCounters[],
): InterfaceReport[] {
  return hooks.map((hook) => ({
    name: hook.interface,
    direction: hook.direction,
    hook: hook.hook,
    mode: hook.mode,
    ...account(counters[hook.slot]!, 0),
  }));
}

/** Accounts for all hooks together. */
export function accountTotal(
  counters: readonly PacketCounters[],
  unreadable: number,
): Accounting {
  return account(addCounters(counters), unreadable);
}
