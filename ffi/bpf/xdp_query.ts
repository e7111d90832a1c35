/**
 * What is attached to an interface. Needs no privilege.
 *
 * @module
 */

import { cString } from "../linux/cstring.ts";
import { checkLibbpf } from "../linux/errno.ts";
import { libbpf } from "./load_libbpf.ts";
import { libc } from "../linux/load_libc.ts";
import { allocate } from "../linux/native_memory.ts";

/** `struct bpf_xdp_query_opts`: `bpf/libbpf.h`. */
const QUERY = {
  BYTES: 32,
  sz: 0,
  prog_id: 8,
  drv_prog_id: 12,
  hw_prog_id: 16,
  skb_prog_id: 20,
  attach_mode: 24,
} as const;

export type XdpMode = "none" | "native" | "generic" | "hardware" | "multi";

/** XDP_ATTACHED_NONE, _DRV, _SKB, _HW, _MULTI, in this order: `include/uapi/linux/if_link.h`. */
export const XDP_MODES: readonly XdpMode[] = ["none", "native", "generic", "hardware", "multi"];

export interface XdpAttachment {
  /** Kernel-wide id of the attached program; the first one of several (`multi`); 0 for none. */
  programId: number;
  mode: XdpMode;
}

/**
 * The XDP program on the interface with index `ifindex` (in this network namespace); `none` also if
 * there is no such interface.
 *
 * @throws {SystemError} if the kernel cannot be asked
 */
export function queryXdp(ifindex: number): XdpAttachment {
  const opts = allocate(QUERY.BYTES);
  const view = new DataView(opts.buffer);
  view.setBigUint64(QUERY.sz, BigInt(QUERY.BYTES), true);
  checkLibbpf(
    `ask which XDP program is on interface ${ifindex}`,
    libbpf().bpf_xdp_query(ifindex, 0, opts),
  );
  const id = (offset: number) => view.getUint32(offset, true);
  // With several programs the kernel leaves the common id out.
  const programId = id(QUERY.prog_id) || id(QUERY.drv_prog_id) || id(QUERY.skb_prog_id) ||
    id(QUERY.hw_prog_id);
  return { programId, mode: XDP_MODES[view.getUint8(QUERY.attach_mode)] ?? "none" };
}

/** Index of the interface called `name` in this network namespace; 0 if there is none. */
export function interfaceIndex(name: string): number {
  return libc().if_nametoindex(cString(name));
}
