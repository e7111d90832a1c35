/**
 * The capabilities of the calling thread: capabilities(7).
 *
 * @module
 */

import { checkStartingLibc } from "./errno.ts";
import { addressOf, allocate } from "./native_memory.ts";

const IS_X86_64 = Deno.build.arch === "x86_64";

/** `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`. */
const SYS_CAPGET = IS_X86_64 ? 125n : 90n;
/** System call that sets what `capget` reads. */
export const SYS_CAPSET = IS_X86_64 ? 126n : 91n;

/** `_LINUX_CAPABILITY_VERSION_3` in include/uapi/linux/capability.h: 64 capabilities. */
export const CAPABILITY_VERSION = 0x2008_0522;

/** Bit numbers: include/uapi/linux/capability.h. */
const CAPABILITY = {
  CHOWN: 0,
  DAC_OVERRIDE: 1,
  DAC_READ_SEARCH: 2,
  FOWNER: 3,
  SETGID: 6,
  SETUID: 7,
  NET_ADMIN: 12,
  BPF: 39,
} as const;

export type CapabilityName = keyof typeof CAPABILITY;

/** Sets of capabilities, bit n is capability n. */
export interface CapabilitySets {
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
}

/** The bits of some capabilities. */
export function capabilityBits(names: readonly CapabilityName[]): bigint {
  return names.reduce((bits, name) => bits | 1n << BigInt(CAPABILITY[name]), 0n);
}

/** `struct __user_cap_data_struct[2]`: effective, permitted, inheritable, lower halves first. */
export function capabilityWords(sets: CapabilitySets): number[] {
  return [0n, 32n].flatMap((shift) =>
    [sets.effective, sets.permitted, sets.inheritable].map((set) =>
      Number(set >> shift & 0xffff_ffffn)
    )
  );
}

/** What the calling thread has. */
export function ownCapabilities(): CapabilitySets {
  const data = allocate(24);
  call("read capabilities", SYS_CAPGET, data);
  const view = new DataView(data.buffer);
  const set = (offset: number) =>
    BigInt(view.getUint32(offset, true)) | BigInt(view.getUint32(offset + 12, true)) << 32n;
  return { effective: set(0), permitted: set(4), inheritable: set(8) };
}

/** @throws {SystemError} `EPERM` if the thread may not have them */
function setOwnCapabilities(sets: CapabilitySets): void {
  const data = allocate(24);
  const view = new DataView(data.buffer);
  capabilityWords(sets).forEach((word, index) => view.setUint32(index * 4, word, true));
  call("set capabilities", SYS_CAPSET, data);
}

/**
 * Makes effective what the calling thread is permitted: a program file with `+p` has its capabilities
 * only where it asks for them.
 */
export function raisePermitted(): void {
  const own = ownCapabilities();
  if (own.effective !== own.permitted) {
    setOwnCapabilities({ ...own, effective: own.permitted });
  }
}

/** Runs `action` with those of some capabilities that the calling thread is permitted. */
export function withCapabilities<T>(names: readonly CapabilityName[], action: () => T): T {
  const own = ownCapabilities();
  const raised = own.effective | own.permitted & capabilityBits(names);
  if (raised === own.effective) return action();
  setOwnCapabilities({ ...own, effective: raised });
  try {
    return action();
  } finally {
    setOwnCapabilities(own);
  }
}

/** Runs `action` with no capability in effect. */
export function withoutCapabilities<T>(action: () => T): T {
  const own = ownCapabilities();
  if (own.effective === 0n) return action();
  setOwnCapabilities({ ...own, effective: 0n });
  try {
    return action();
  } finally {
    setOwnCapabilities(own);
  }
}

/** Gives up some capabilities of the calling thread. */
export function forgetCapabilities(names: readonly CapabilityName[]): void {
  const own = ownCapabilities();
  const left = ~capabilityBits(names);
  const { effective, permitted, inheritable } = own;
  setOwnCapabilities({ inheritable, effective: effective & left, permitted: permitted & left });
}

function call(operation: string, number: bigint, data: Uint8Array<ArrayBuffer>): void {
  const header = allocate(8);
  new DataView(header.buffer).setUint32(0, CAPABILITY_VERSION, true);
  checkStartingLibc(
    operation,
    ({ syscall }) => syscall(number, addressOf(header), addressOf(data), 0n, 0n),
  );
}
