/**
 * Sends numbered datagrams at rates that change, from none to as fast as it goes, for a time. Prints how
 * many they were.
 *
 *     deno run -A tests/support/changing_traffic.ts <address> <milliseconds> <milliseconds per rate>
 *
 * @module
 */
import { NumberedSender } from "./numbered_traffic.ts";
import { say } from "./print.ts";

/** Packets per second, one after the other. The last is more than this can. */
const RATES = [200, 5_000, 0, 20_000, 1_000, 1_000_000];

if (import.meta.main) {
  const [address = "", durationMs = "", stepMs = ""] = Deno.args;
  using sender = new NumberedSender(address);
  const end = performance.now() + Number(durationMs);
  for (let step = 0;; step++) {
    const leftMs = end - performance.now();
    if (leftMs <= 0) break;
    await sender.pace(RATES[step % RATES.length]!, Math.min(leftMs, Number(stepMs)));
  }
  say(JSON.stringify({ sent: sender.sent }));
}
