/**
 * Takes Deno's debugger off its signal.
 *
 * @module
 */

import { STARTUP_SYMBOLS } from "./libc_symbols.ts";
import { LIBC_SONAME } from "./load_libc.ts";

/** signal(7) and signal(2), the same on x86-64 and arm64. */
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
 */
export function ignoreDebuggerSignal(): void {
  const listener = () => {};
  Deno.addSignalListener("SIGUSR1", listener);
  Deno.removeSignalListener("SIGUSR1", listener);
  const library = Deno.dlopen(LIBC_SONAME, STARTUP_SYMBOLS);
  library.symbols.signal(SIGUSR1, Deno.UnsafePointer.create(SIG_IGN));
  library.close();
}
