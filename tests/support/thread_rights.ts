/**
 * What each thread of a process may do, from /proc/<pid>/task/<tid>/status (proc_pid_status(5)).
 *
 * @module
 */

import { hasGone } from "./gone.ts";

/** The rights of a thread. Sets of capabilities are hexadecimal, as the kernel prints them. */
export interface ThreadRights {
  readonly thread: number;
  readonly name: string;
  /** Real, effective, saved, file system. */
  readonly users: readonly number[];
  readonly groups: readonly number[];
  readonly supplementary: readonly number[];
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly ambient: bigint;
  readonly bounding: bigint;
  readonly noNewPrivileges: boolean;
}

/** The threads of a process, the main thread first. */
export function threadRights(pid: number): ThreadRights[] {
  return [...Deno.readDirSync(`/proc/${pid}/task`)].flatMap(({ name }) => {
    try {
      return [rightsOf(Number(name), Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`))];
    } catch (error) {
      // Ended since it was listed.
      if (hasGone(error)) return [];
      throw error;
    }
  }).sort((one, other) => Number(other.thread === pid) - Number(one.thread === pid));
}

function rightsOf(thread: number, status: string): ThreadRights {
  const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, "m").exec(status)![1]!.trim();
  const numbers = (name: string) => field(name).split(/\s+/).filter((word) => word).map(Number);
  const set = (name: string) => BigInt(`0x${field(name)}`);
  return {
    thread,
    name: field("Name"),
    users: numbers("Uid"),
    groups: numbers("Gid"),
    supplementary: numbers("Groups"),
    effective: set("CapEff"),
    permitted: set("CapPrm"),
    inheritable: set("CapInh"),
    ambient: set("CapAmb"),
    bounding: set("CapBnd"),
    noNewPrivileges: field("NoNewPrivs") === "1",
  };
}
