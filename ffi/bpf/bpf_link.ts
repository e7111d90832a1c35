/**
 * Attachment of a program to an interface by a BPF link: when its last fd is closed, also because
 * the process died in whatever way, the kernel detaches the program. Nothing is pinned.
 *
 * @module
 */

import { ERRNO } from "../linux/errno.ts";
import { libbpf } from "./load_libbpf.ts";
import { libc } from "../linux/load_libc.ts";
import { allocate, closedError } from "../linux/native_memory.ts";
import { linkInterface } from "./object_info.ts";
import { checkPrivileged } from "../linux/privilege.ts";
import { BPF_TCX } from "./tcx_query.ts";

/** Value of `enum bpf_attach_type`: `include/uapi/linux/bpf.h`; XDP links need Linux 5.9. */
const BPF_XDP = 37;

/** Flags of an XDP attachment: `include/uapi/linux/if_link.h`. */
const XDP_FLAGS_SKB_MODE = 1 << 1;
const XDP_FLAGS_DRV_MODE = 1 << 2;

/** `struct bpf_link_create_opts` up to the end of its union: `bpf/bpf.h`. */
const LINK_OPTIONS = { BYTES: 64, sz: 0, flags: 8 } as const;

/** Owner of one attachment. */
export class BpfLink implements Disposable {
  #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Attaches an XDP program to the interface with index `ifindex` (in this network namespace).
   *
   * @param mode `native` = in the driver, `generic` = in the stack, after the socket buffer is made
   * @throws {UnsupportedError} if a privilege is missing
   * @throws {SystemError} `EBUSY` or `EEXIST` if another XDP program is attached, `EOPNOTSUPP` (also
   * `EINVAL` and others, by driver) if the driver cannot do the mode, `ENODEV` if there is no such
   * interface
   */
  static attachXdp(programFd: number, ifindex: number, mode: "native" | "generic"): BpfLink {
    const opts = allocate(LINK_OPTIONS.BYTES);
    const view = new DataView(opts.buffer);
    view.setBigUint64(LINK_OPTIONS.sz, BigInt(LINK_OPTIONS.BYTES), true);
    view.setUint32(
      LINK_OPTIONS.flags,
      mode === "native" ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE,
      true,
    );
    const result = libbpf().bpf_link_create(programFd, ifindex, BPF_XDP, opts);
    // The kernel says EINVAL of an unknown interface (net/core/dev.c, bpf_xdp_link_attach), where
    // TCX says ENODEV: the caller should not have to care.
    const vanished = result === -ERRNO.EINVAL && !interfaceExists(ifindex);
    return new BpfLink(checkPrivileged(
      `attach the XDP program to interface ${ifindex} in ${mode} mode`,
      vanished ? -ERRNO.ENODEV : result,
    ));
  }

  /**
   * Attaches a TC program to the interface with index `ifindex` (in this network namespace), behind
   * those that are there already.
   *
   * @throws {UnsupportedError} if a privilege is missing
   * @throws {SystemError} `EINVAL` if the kernel has no TCX (before Linux 6.6), `ENODEV` if there is
   * no such interface
   */
  static attachTcx(
    programFd: number,
    ifindex: number,
    direction: "ingress" | "egress",
  ): BpfLink {
    return new BpfLink(checkPrivileged(
      `attach the TCX program to interface ${ifindex} at ${direction}`,
      libbpf().bpf_link_create(programFd, ifindex, BPF_TCX[direction], null),
    ));
  }

  /** Fd of the link, valid until this object is closed. */
  get fd(): number {
    if (this.#fd < 0) throw closedError("BpfLink");
    return this.#fd;
  }

  /** Whether the program is still in place: the kernel detaches it with its interface. */
  isAttached(): boolean {
    return this.#fd >= 0 && linkInterface(this.#fd) !== 0;
  }

  /** Detaches the program. One that is running on a CPU may still finish: see `synchronizeRcu`. */
  [Symbol.dispose](): void {
    if (this.#fd < 0) return;
    libc().close(this.#fd);
    this.#fd = -1;
  }
}

/** `IF_NAMESIZE` of `net/if.h`. */
const INTERFACE_NAME_BYTES = 16;

/** Whether this network namespace has an interface with index `ifindex`. */
function interfaceExists(ifindex: number): boolean {
  return libc().if_indextoname(ifindex, allocate(INTERFACE_NAME_BYTES)) !== null;
}
