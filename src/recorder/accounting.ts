/**
 * Accounting: where every packet that was seen has gone.
 *
 * @module
 */
import type { PlacedAttachment } from "../contract/attachment.ts";
import { addCounters, type PacketCounters } from "../contract/packet_counters.ts";
import type { Accounting, InterfaceReport } from "../contract/recording_report.ts";

/** Accounts for every packet that was seen, by the final counters of the kernel side. */
export function account(counters: PacketCounters): Accounting {
  const drops = {
    ring_full: counters.ringFull,
    queue_full: counters.queueFull,
  };
  return {
    packets_seen: counters.seen,
    packets_captured: counters.captured,
    packets_dropped: drops.ring_full + drops.queue_full,
    drops,
    packets_sampled_out: counters.sampledOut,
    packets_filtered: counters.filtered,
    bytes_captured: counters.capturedBytes,
  };
}

/** Accounts for each hook. */
export function accountByHook(
  hooks: readonly PlacedAttachment[],
  counters: readonly PacketCounters[],
): InterfaceReport[] {
  return hooks.map((hook) => ({
    name: hook.interface,
    direction: hook.direction,
    hook: hook.hook,
    mode: hook.mode,
    ...account(counters[hook.slot]!),
  }));
}

/** Accounts for all hooks together. */
export function accountTotal(counters: readonly PacketCounters[]): Accounting {
  return account(addCounters(counters));
}
