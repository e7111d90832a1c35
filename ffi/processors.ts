/**
 * The processors of the machine.
 *
 * @module
 */
import { checkLibbpf, checkLibc } from "./errno.ts";
import { libbpf } from "./load_library.ts";

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

/** Processors that the kernel reserves room for, which can be more than are online. */
export function possibleProcessors(): number {
  return checkLibbpf("count the possible CPUs", libbpf().libbpf_num_possible_cpus());
}
