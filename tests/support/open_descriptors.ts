/**
 * What this process holds open, from /proc/self/fd and /proc/self/task.
 *
 * The runtime opens and closes descriptors, and starts and ends threads, whenever it likes: an entry
 * may be gone by the time it is looked at, and a count of all of them says nothing.
 *
 * @module
 */

import { hasGone } from "./gone.ts";

/** A descriptor of this process. */
export interface OpenDescriptor {
  readonly fd: number;
  /** What it stands for: a path, or `net:[4026531840]`, `anon_inode:bpf-map`, ... */
  readonly target: string;
}

/** The descriptors of this process that stand for something that matches `target`. */
export function openDescriptors(target: RegExp): OpenDescriptor[] {
  return links("/proc/self/fd", "").flatMap(({ name, link }) =>
    target.test(link) ? [{ fd: Number(name), target: link }] : []
  );
}

/** The network namespaces that the threads of this process are in, as `net:[4026531840]`. */
export function threadNetworks(): string[] {
  return links("/proc/self/task", "/ns/net").map(({ link }) => link);
}

function links(directory: string, below: string): { name: string; link: string }[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name }) => {
    try {
      return [{ name, link: Deno.readLinkSync(`${directory}/${name}${below}`) }];
    } catch (error) {
      // Gone since it was listed: a descriptor, a thread, and a thread that is just ending.
      if (hasGone(error) || error instanceof Deno.errors.PermissionDenied) return [];
      throw error;
    }
  });
}
