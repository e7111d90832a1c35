/**
 * The processors of the machine.
 *
 * @module
 */
import { checkLibbpf } from "./errno.ts";
import { libbpf } from "../bpf/load_libbpf.ts";

/** Processors that the kernel reserves room for, which can be more than are online. */
export function possibleProcessors(): number {
  return checkLibbpf("count the possible CPUs", libbpf().libbpf_num_possible_cpus());
}
