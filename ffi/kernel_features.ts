/**
 * What the running kernel can do, by probing it (never by its version or by error texts).
 *
 * @module
 */

import { UnsupportedError } from "../src/core/errors.ts";
import { checkPrivileged } from "./privilege.ts";
import { libbpf, libc } from "./load_library.ts";

/** Values of `enum bpf_map_type`: `include/uapi/linux/bpf.h`. */
export const BPF_MAP_TYPE_ARRAY = 2;
export const BPF_MAP_TYPE_ARRAY_OF_MAPS = 12;
export const BPF_MAP_TYPE_RINGBUF = 27;

/** Values of `enum bpf_prog_type`: `include/uapi/linux/bpf.h`. */
export const BPF_PROG_TYPE_SCHED_CLS = 3;
export const BPF_PROG_TYPE_XDP = 6;

/** Value of `enum bpf_func_id`: `include/uapi/linux/bpf.h`. */
const BPF_FUNC_XDP_LOAD_BYTES = 189;

/** The kernel's own type information; absent if it was built without CONFIG_DEBUG_INFO_BTF. */
const KERNEL_BTF = "/sys/kernel/btf/vmlinux";

interface Feature {
  readonly name: string;
  readonly since: string;
  /** 1 = there, 0 = not there, negative = cannot be told. */
  readonly probe: () => number;
}

const RING_BUFFER: Feature = {
  name: "BPF ring buffers",
  since: "5.8",
  probe: () => libbpf().libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, null),
};

const MULTI_BUFFER_XDP: Feature = {
  name: "XDP for frames in several buffers (bpf_xdp_load_bytes)",
  since: "5.18",
  probe: () => libbpf().libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_XDP_LOAD_BYTES, null),
};

/**
 * The error for the first feature that a program of type `programType` needs and this kernel has
 * not; `undefined` if it has them all, or cannot be asked.
 */
export function missingFeature(programType: number, cause: unknown): UnsupportedError | undefined {
  const needed = programType === BPF_PROG_TYPE_XDP
    ? [RING_BUFFER, MULTI_BUFFER_XDP]
    : [RING_BUFFER];
  const missing = needed.find((feature) => feature.probe() === 0);
  if (missing === undefined) return undefined;
  return new UnsupportedError(`Cannot capture: this kernel has no ${missing.name}`, {
    hint: `Use Linux ${missing.since} or newer`,
    cause,
  });
}

/**
 * Makes a BPF ring and gives it back: the kernel has such rings, lets this process make them, and has
 * the memory for one.
 *
 * @param bytes a power of two, at least a page
 * @throws {UnsupportedError} if the kernel refuses it for lack of privilege
 * @throws {SystemError} `EINVAL` if the kernel has no rings, `ENOMEM` if it has not the memory
 */
export function tryRing(bytes: number): void {
  const fd = checkPrivileged(
    "make a BPF ring",
    libbpf().bpf_map_create(BPF_MAP_TYPE_RINGBUF, null, 0, 0, bytes, null),
  );
  libc().close(fd);
}

/** The kernel's own type information, if this kernel has it; null if not. */
export function kernelTypes(): string | null {
  try {
    Deno.statSync(KERNEL_BTF);
    return KERNEL_BTF;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** The error for a kernel without type information, or `undefined` if it has it. */
export function missingKernelTypes(cause: unknown): UnsupportedError | undefined {
  if (kernelTypes() !== null) return undefined;
  return new UnsupportedError(
    `Cannot capture: this kernel has no BTF: "${KERNEL_BTF}" is missing`,
    {
      hint: "Use a kernel built with CONFIG_DEBUG_INFO_BTF=y",
      cause,
    },
  );
}
