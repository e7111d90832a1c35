/**
 * Takes Deno's debugger off its signal.
 *
 * @module
 */

import { ignoresHangup } from "../../src/core/ignored_signals.ts";
import { LIBC_SONAME } from "./load_libc.ts";
import { STARTUP_SYMBOLS } from "./startup_symbols.ts";

/** signal(7) and signal(2), the same on x86-64 and arm64. */
const SIGHUP = 1;
const SIGUSR1 = 10;
const SIG_IGN = 1n;

/**
 * Makes this process ignore SIGUSR1, for good and in all its threads.
 *
 * Half a second after its start, `deno run` begins to answer SIGUSR1 with an inspector on
 * 127.0.0.1:9229 (denoland/deno#35738): whoever connects runs code with the rights of this process. It
 * registers through the same table of signals as `Deno.addSignalListener`, which tells the kernel of
 * a signal once, at the first registration (signal-hook-registry). So that has to have been, and then the
 * kernel can be told otherwise.
 *
 * The first listener of any signal makes Deno handle SIGHUP too. Where that is ignored, as under
 * nohup(1), it stays ignored.
 */
export function ignoreDebuggerSignal(): void {
  const status = Deno.readTextFileSync("/proc/self/status");
  const ignored = [SIGUSR1, ...ignoresHangup(status) ? [SIGHUP] : []];
  const listener = () => {};
  Deno.addSignalListener("SIGUSR1", listener);
  Deno.removeSignalListener("SIGUSR1", listener);
  const library = Deno.dlopen(LIBC_SONAME, STARTUP_SYMBOLS);
  for (const one of ignored) library.symbols.signal(one, Deno.UnsafePointer.create(SIG_IGN));
  library.close();
}
