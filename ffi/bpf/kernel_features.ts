/**
 * What the running kernel can do, by probing it (never by its version or by error texts).
 *
 * @module
 */

import { UnsupportedError } from "../../src/core/errors.ts";
import { SLOT_BYTES } from "../../src/contract/record_layout.ts";
import { checkPrivileged } from "../linux/privilege.ts";
import { libbpf } from "./load_libbpf.ts";
import { libc } from "../linux/load_libc.ts";
import { allocate } from "../linux/native_memory.ts";
import { pageBytes } from "./ring_memory.ts";

/** Values of `enum bpf_map_type`: `include/uapi/linux/bpf.h`. */
export const BPF_MAP_TYPE_ARRAY = 2;
export const BPF_MAP_TYPE_ARRAY_OF_MAPS = 12;
const BPF_MAP_TYPE_RINGBUF = 27;

/** `include/uapi/linux/bpf.h`: the map can be mapped into memory (Linux 5.5). */
const BPF_F_MMAPABLE = 1 << 10;

/** Key of an array. */
const KEY_BYTES = 4;

/** `struct bpf_map_create_opts`: `bpf/bpf.h`. */
const MAP_OPTIONS = { BYTES: 48, sz: 0, map_flags: 28 } as const;

/** Value of `enum bpf_prog_type`: `include/uapi/linux/bpf.h`. */
const BPF_PROG_TYPE_XDP = 6;

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
 * Makes the maps of a ring and gives them back: the kernel has such maps, lets this process make them,
 * and has the memory for them.
 *
 * @param slots of the ring, at least 1
 * @throws {UnsupportedError} if the kernel refuses it for lack of privilege
 * @throws {SystemError} `EINVAL` if the kernel has no such maps, `ENOMEM` if it has not the memory
 */
export function tryRing(slots: number): void {
  const options = allocate(MAP_OPTIONS.BYTES);
  const view = new DataView(options.buffer);
  view.setBigUint64(MAP_OPTIONS.sz, BigInt(MAP_OPTIONS.BYTES), true);
  view.setUint32(MAP_OPTIONS.map_flags, BPF_F_MMAPABLE, true);
  const create = libbpf().bpf_map_create;
  const made = [
    () => create(BPF_MAP_TYPE_ARRAY, null, KEY_BYTES, SLOT_BYTES, slots, options),
    () => create(BPF_MAP_TYPE_RINGBUF, null, 0, 0, pageBytes(), null),
  ];
  for (const make of made) libc().close(checkPrivileged("make a BPF ring", make()));
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
