/**
 * What another process holds: descriptors, threads, mappings, objects of the kernel's BPF, memory.
 *
 * @module
 */
import { residentMemory } from "./process_usage.ts";

/** Kinds of BPF objects, with the key of their number in /proc/<pid>/fdinfo (kernel/bpf/syscall.c). */
const BPF_KEYS = { prog: "prog_id", map: "map_id", link: "link_id" } as const;

/** A line of /proc/<pid>/maps whose sixth field is a path (proc_pid_maps(5)). */
const NAMED = /^(\S+ +){5}[^[\s]/;

/** Counts at one moment. */
export interface Holdings {
  readonly descriptors: number;
  readonly threads: number;
  /** Of files and of BPF maps; memory without a name comes and goes with the heaps. */
  readonly mappings: number;
  /** Children that run, or have ended and were not waited for. */
  readonly children: number;
  /** Resident memory without the pages of BPF maps, bytes. */
  readonly memory: number;
}

/** What a running process holds now. */
export function holdingsOf(pid: number): Holdings {
  const process = `/proc/${pid}`;
  const threads = namesIn(`${process}/task`);
  return {
    descriptors: namesIn(`${process}/fd`).length,
    threads: threads.length,
    mappings: textOf(`${process}/maps`).split("\n").filter((line) => NAMED.test(line)).length,
    children:
      threads.flatMap((thread) =>
        textOf(`${process}/task/${thread}/children`).split(" ").filter((word) => word.trim() !== "")
      ).length,
    memory: residentMemory(pid).own,
  };
}

/** The BPF objects that a running process holds, as `map 17`, sorted. */
export function bpfObjectsOf(pid: number): string[] {
  const found = new Set<string>();
  for (const name of namesIn(`/proc/${pid}/fdinfo`)) {
    const text = textOf(`/proc/${pid}/fdinfo/${name}`);
    // A link tells its program too, which it holds itself.
    for (const kind of ["link", "map", "prog"] as const) {
      const id = new RegExp(`^${BPF_KEYS[kind]}:\\s*(\\d+)`, "m").exec(text)?.[1];
      if (id !== undefined) found.add(`${kind} ${id}`);
    }
  }
  return [...found].sort();
}

function namesIn(path: string): string[] {
  return Array.from(Deno.readDirSync(path), ({ name }) => name);
}

/** Text of a file of /proc; empty when its subject has gone since it was listed. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
