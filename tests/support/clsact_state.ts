/**
 * Filters of the clsact qdisc of a rig's end, asked of and changed in the kernel by tc(8).
 *
 * @module
 */
import { check } from "./child_process.ts";
import type { NetnsEnd } from "./netns.ts";
import type { TempDirectory } from "./temp_directory.ts";

/** A filter as `tc -json filter show` has it. */
export interface TcFilterState {
  /** Priority. */
  readonly pref: number;
  /** Handle, as in `0x1`. */
  readonly handle: string;
  /** Name that its owner gave it. */
  readonly name: string;
  readonly programId: number;
}

/** The BPF filters in one direction, in the order in which they run. */
export async function filters(
  end: NetnsEnd,
  direction: "ingress" | "egress",
): Promise<TcFilterState[]> {
  const text = await end.check([
    ...["tc", "-json", "filter", "show", "dev", end.interface, direction],
  ]);
  type Listed = {
    pref: number;
    options?: { handle: string; bpf_name: string; prog: { id: number } };
  };
  return (JSON.parse(text || "[]") as Listed[]).flatMap(({ pref, options }) =>
    options?.prog === undefined
      ? []
      : [{ pref, handle: options.handle, name: options.bpf_name, programId: options.prog.id }]
  );
}

/** Whether the interface has a clsact qdisc. */
export async function hasClsact(end: NetnsEnd): Promise<boolean> {
  return /\bclsact\b/.test(await end.check(["tc", "qdisc", "show", "dev", end.interface]));
}

/** A filter as someone else's tool would load it: counts every packet and lets the next one decide. */
const NEIGHBOUR_PROGRAM = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} neighbour_hits SEC(".maps");
SEC("tc") int neighbour(struct __sk_buff *skb)
{
	__u32 zero = 0;
	__u64 *hits = bpf_map_lookup_elem(&neighbour_hits, &zero);
	if (hits)
		__sync_fetch_and_add(hits, 1);
	return -1; /* TC_ACT_UNSPEC */
}
`;

/** Compiles the neighbour's program to a file in `directory` and gives its path. */
export async function compileNeighbour(directory: TempDirectory): Promise<string> {
  const source = directory.file("neighbour.c");
  const object = directory.file("neighbour.o");
  Deno.writeTextFileSync(source, NEIGHBOUR_PROGRAM);
  const headers = `-I/usr/include/${Deno.build.arch}-linux-gnu`;
  await check(["clang-14", "-O2", "-g", "-target", "bpf", headers, "-c", source, "-o", object]);
  return object;
}

/** Hangs the neighbour's program on the clsact qdisc, which must be there, by tc(8). */
export async function addNeighbour(
  end: NetnsEnd,
  direction: "ingress" | "egress",
  priority: number,
  object: string,
): Promise<void> {
  await end.check([
    ...["tc", "filter", "add", "dev", end.interface, direction, "pref", String(priority)],
    ...["bpf", "direct-action", "obj", object, "sec", "tc"],
  ]);
}

/** Packets that the program with this id has counted. */
export async function neighbourHits(programId: number): Promise<number> {
  const program = JSON.parse(
    await check(["bpftool", "--json", "prog", "show", "id", String(programId)]),
  ) as { map_ids: number[] };
  const dump = JSON.parse(
    await check(["bpftool", "--json", "map", "dump", "id", String(program.map_ids[0])]),
  ) as { formatted: { value: number } }[];
  return dump[0]!.formatted.value;
}
