/**
 * How much memory this process may take, and how much a recording needs.
 *
 * @module
 */

/** Beside the rings, with many addresses in every packet: measured, and a little more. */
const BESIDE_RINGS = 320 * 2 ** 20;

/** Where control groups are seen: version 2 alone, beside version 1, and version 1. */
const MOUNTS = {
  "": ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"],
  memory: ["/sys/fs/cgroup/memory"],
} as const;
const LIMIT_FILES = { "": "memory.max", memory: "memory.limit_in_bytes" } as const;

/** What a recording takes at most. With less it works as long as there are few addresses. */
export function neededMemory(ringBytes: number): number {
  return BESIDE_RINGS + ringBytes;
}

/**
 * Bytes that this process and those in its control groups may take: the smallest limit of these groups, or
 * all memory of the machine.
 *
 * @param readText reads a file; throws if it cannot be read
 */
export function allowedMemory(
  readText: (path: string) => string = (path) => Deno.readTextFileSync(path),
  machineBytes = Deno.systemMemoryInfo().total,
): number {
  const limits = pathsOfLimits(readText).map((path) => {
    try {
      // "max" is none; version 1 writes a number that no machine has.
      return Number.parseInt(readText(path));
    } catch {
      return NaN;
    }
  });
  return Math.min(machineBytes, ...limits.filter((limit) => limit > 0));
}

/** Of a group and of all around it: cgroups(7), /proc/[pid]/cgroup. */
function pathsOfLimits(readText: (path: string) => string): string[] {
  let text = "";
  try {
    text = readText("/proc/self/cgroup");
  } catch {
    // A system without control groups.
  }
  return text.split("\n").flatMap((line) => {
    const [, controllers = "?", group = "/"] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    const kind = controllers.split(",").includes("memory") ? "memory" : controllers;
    if (kind !== "" && kind !== "memory") return [];
    const names = group.split("/").filter((name) => name !== "");
    return MOUNTS[kind].flatMap((mount) =>
      [0, ...names].map((_, depth) =>
        [mount, ...names.slice(0, depth), LIMIT_FILES[kind]].join("/")
      )
    );
  });
}
