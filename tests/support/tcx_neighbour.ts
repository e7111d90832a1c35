/**
 * Somebody else's program beside ours on an interface: counts what it sees, and may drop, redirect
 * or tag it. Started in a rig's namespace as a process of its own, whose end detaches it.
 *
 *     deno run -A tests/support/tcx_neighbour.ts object program interface direction parameter count
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { BpfLink, BpfObject, interfaceIndex } from "../../ffi/mod.ts";
import { type BackgroundProcess, check } from "./child_process.ts";
import { denoRun } from "./inspector_cli.ts";
import type { NetnsEnd } from "./netns.ts";
import { say } from "./print.ts";
import type { TempDirectory } from "./temp_directory.ts";

const START_LIMIT_MS = 60_000;

/** Programs of the object; `parameter` is a constant of its own for each that is loaded. */
const SOURCE = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define NEXT -1 /* TCX_NEXT */
#define DROP 2  /* TCX_DROP */

char LICENSE[] SEC("license") = "GPL";
volatile const __u32 parameter = 0;
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} neighbour_hits SEC(".maps");

static __always_inline void count(void)
{
	__u32 zero = 0;
	__u64 *hits = bpf_map_lookup_elem(&neighbour_hits, &zero);

	if (hits)
		__sync_fetch_and_add(hits, 1);
}

static __always_inline int is_udp(struct __sk_buff *skb)
{
	__u8 protocol = 0;

	return skb->protocol == bpf_htons(0x0800) &&
	       !bpf_skb_load_bytes(skb, 14 + 9, &protocol, 1) && protocol == 17;
}

SEC("tc") int pass_on(struct __sk_buff *skb)
{
	count();
	return NEXT + 0 * parameter;
}

SEC("tc") int drop_udp(struct __sk_buff *skb)
{
	count();
	return is_udp(skb) ? DROP : NEXT;
}

/* UDP leaves by the interface whose index is the parameter. */
SEC("tc") int redirect_udp(struct __sk_buff *skb)
{
	count();
	return is_udp(skb) ? bpf_redirect(parameter, 0) : NEXT;
}

/* The tag, identifier by parameter, is in the metadata of the packet, as a network card leaves it. */
SEC("tc") int push_tag(struct __sk_buff *skb)
{
	count();
	bpf_skb_vlan_push(skb, bpf_htons(0x8100), parameter);
	return NEXT;
}

SEC("xdp") int pass_xdp(struct xdp_md *context)
{
	count();
	return XDP_PASS;
}
`;

export type NeighbourProgram = "pass_on" | "drop_udp" | "redirect_udp" | "push_tag";

export interface NeighbourOptions {
  /** What the program does with packets. Default: `pass_on`. */
  readonly program?: NeighbourProgram;
  /** Interface index to redirect to, or VLAN identifier. Default: 0. */
  readonly parameter?: number;
  /** How many programs are attached, one behind the other; hits are those of the last. Default: 1. */
  readonly count?: number;
}

/** Compiles the programs to a file in `directory` and gives its path. */
export async function compileNeighbours(directory: TempDirectory): Promise<string> {
  const source = directory.file("tcx_neighbour.c");
  const object = directory.file("tcx_neighbour.o");
  Deno.writeTextFileSync(source, SOURCE);
  const headers = `-I/usr/include/${Deno.build.arch}-linux-gnu`;
  await check(["clang-14", "-O2", "-g", "-target", "bpf", headers, "-c", source, "-o", object]);
  return object;
}

/** A neighbour at TCX: behind all that are there when it starts, before all that come later. */
export class TcxNeighbour {
  readonly programId: number;
  readonly #process: BackgroundProcess;

  private constructor(process: BackgroundProcess, programId: number) {
    this.#process = process;
    this.programId = programId;
  }

  /** Attaches a program of `object` and waits until it is. The rig ends it when the test does not. */
  static async start(
    end: NetnsEnd,
    object: string,
    direction: "ingress" | "egress",
    options: NeighbourOptions = {},
  ): Promise<TcxNeighbour> {
    const { program = "pass_on", parameter = 0, count = 1 } = options;
    const words = [object, program, end.interface, direction, String(parameter), String(count)];
    const process = end.start(denoRun(fileURLToPath(import.meta.url), ...words));
    const programId = await process.until(
      `the neighbour "${program}"`,
      START_LIMIT_MS,
      ({ stdout }) => stdout.endsWith("\n") && Number(stdout),
    );
    return new TcxNeighbour(process, programId);
  }

  /** Packets that it has seen. */
  hits(): Promise<number> {
    return programHits(this.programId);
  }

  /** Ends the process; the kernel has detached the program when this resolves. */
  async stop(): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** Packets that the program of {@linkcode compileNeighbours} with this id has seen. */
export async function programHits(programId: number): Promise<number> {
  const bpftool = async (...args: string[]) =>
    JSON.parse(await check(["bpftool", "--json", ...args]));
  const { map_ids } = await bpftool("prog", "show", "id", String(programId));
  for (const id of map_ids) {
    const { name } = await bpftool("map", "show", "id", String(id));
    if (name !== "neighbour_hits") continue;
    return (await bpftool("map", "dump", "id", String(id)))[0].formatted.value;
  }
  throw new Error(`Cannot find the hits of program ${programId}`);
}

/** Attaches as the command line says and stays until it is killed. */
function main(args: readonly string[]): void {
  const [object, program, name, direction, parameter, count] = args;
  const elf = Deno.readFileSync(object!);
  const config = new Uint8Array(new Uint32Array([Number(parameter)]).buffer);
  const links: BpfLink[] = [];
  let programId = 0;
  while (links.length < Number(count)) {
    // The link keeps the program.
    using loaded = BpfObject.load(elf, { program: program!, config });
    const ifindex = interfaceIndex(name!);
    links.push(BpfLink.attachTcx(loaded.programFd, ifindex, direction as "ingress" | "egress"));
    programId = loaded.programId;
  }
  say(String(programId));
  setInterval(() => links.length, 60_000);
}

if (import.meta.main) main(Deno.args);
