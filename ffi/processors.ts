/**
 * The processors of the machine.
 *
 * @module
 */
import { checkLibc } from "./errno.ts";

/** `_SC_NPROCESSORS_ONLN` of glibc: `bits/confname.h`. */
const _SC_NPROCESSORS_ONLN = 84;

/**
 * Processors that are online, whichever of them this process may run on: each can be the one that
 * receives packets.
 */
export function onlineProcessors(): number {
  return Number(
    checkLibc("count the processors", (symbols) => symbols.sysconf(_SC_NPROCESSORS_ONLN)),
  );
}
