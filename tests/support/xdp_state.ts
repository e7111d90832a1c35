/**
 * What is attached to the interface of a rig's end, asked of the kernel by iproute2 and bpftool.
 *
 * @module
 */
import { check, run } from "./child_process.ts";
import { waitFor } from "./deadline.ts";
import { hasGone } from "./gone.ts";
import type { NetnsEnd } from "./netns.ts";
import type { TempDirectory } from "./temp_directory.ts";

/** Time for the kernel to take a dead process's links away, milliseconds. */
const DETACH_LIMIT_MS = 60_000;

/** A bpf_link that a process holds, from /proc/<pid>/fdinfo (bpf_link_show_fdinfo, kernel/bpf/syscall.c). */
export interface HeldLink {
  readonly id: number;
  /** `xdp`, `tcx`, ... */
  readonly type: string;
}

/** Id of the XDP program on the interface of `end`; null when there is none. */
export async function xdpProgram(end: NetnsEnd): Promise<number | null> {
  const text = await end.check(["ip", "-json", "-details", "link", "show", "dev", end.interface]);
  return JSON.parse(text)[0]?.xdp?.prog?.id ?? null;
}

/** What the kernel says of a descriptor; empty when the process has closed it since it was listed. */
function descriptorInfo(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (hasGone(error)) return "";
    throw error;
  }
}

/**
 * The bpf_links that process `pid` holds, in order of their ids.
 *
 * @throws {Deno.errors.NotFound} when there is no such process
 */
export function heldLinks(pid: number): HeldLink[] {
  const links = [...Deno.readDirSync(`/proc/${pid}/fdinfo`)].flatMap(({ name }) => {
    const text = descriptorInfo(`/proc/${pid}/fdinfo/${name}`);
    const id = /^link_id:\s*(\d+)/m.exec(text)?.[1];
    const type = /^link_type:\s*(\w+)/m.exec(text)?.[1];
    return id === undefined || type === undefined ? [] : [{ id: Number(id), type }];
  });
  return links.sort((one, other) => one.id - other.id);
}

/**
 * Waits until nothing is attached to the interface of `end`.
 *
 * @param links links that must be gone too: bpftool 7.1 of Debian 12 does not know TCX, so that what
 * was attached there is looked for among all links of the system
 */
export async function untilNothingAttached(
  end: NetnsEnd,
  links: readonly HeldLink[] = [],
): Promise<void> {
  await waitFor(`"${end.interface}" to have no program`, DETACH_LIMIT_MS, async () => {
    const [net] = JSON.parse(
      await end.check(["bpftool", "--json", "net", "show", "dev", end.interface]),
    ) as { xdp: unknown[]; tc: unknown[] }[];
    if (net === undefined || net.xdp.length > 0 || net.tc.length > 0) return false;
    if (links.length === 0) return true;
    const { code, stdout } = await run(["bpftool", "--json", "link", "show"]);
    // It fails where a link of anybody goes while it walks them: then it is asked again.
    if (code !== 0) return false;
    const all = JSON.parse(stdout) as HeldLink[];
    return !all.some(({ id }) => links.some((link) => link.id === id));
  });
}

/** A program as someone else's tool would load it: passes every packet, needs no header to compile. */
const FOREIGN_PROGRAM = `
__attribute__((section("license"), used)) char _license[] = "GPL";
__attribute__((section("xdp"), used)) int foreign_xdp(void *context) { return 2; /* XDP_PASS */ }
`;

/**
 * Attaches an XDP program that is not ours, by netlink as `ip link` does.
 *
 * @returns its program id
 */
export async function attachForeignXdp(
  end: NetnsEnd,
  directory: TempDirectory,
): Promise<number> {
  const source = directory.file("foreign.c");
  const object = directory.file("foreign.o");
  Deno.writeTextFileSync(source, FOREIGN_PROGRAM);
  await check(["clang-14", "-O2", "-g", "-target", "bpf", "-c", source, "-o", object]);
  await end.check(["ip", "link", "set", "dev", end.interface, "xdp", "obj", object, "sec", "xdp"]);
  const programId = await xdpProgram(end);
  if (programId === null) throw new Error(`No program on "${end.interface}" after ip link set`);
  return programId;
}
