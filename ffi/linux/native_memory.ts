/**
 * Memory of ours that C reads or writes through a pointer inside a structure.
 *
 * @module
 */

const pinned = new Set<readonly unknown[]>();

/**
 * `bytes` zero bytes at a fixed address. A plain `new Uint8Array(n)` of a few bytes may live inside
 * the JavaScript heap, where the garbage collector moves it; memory of an explicit `ArrayBuffer`
 * stays where it is.
 */
export function allocate(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(bytes));
}

/** A copy of `source` at a fixed address. */
export function allocateCopy(source: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = allocate(source.length);
  copy.set(source);
  return copy;
}

/** Address of memory from {@link allocate}; 0 (NULL) for no memory or an empty one. */
export function addressOf(memory: Uint8Array<ArrayBuffer> | null): bigint {
  if (memory === null || memory.length === 0) return 0n;
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(memory));
}

/**
 * Runs `call` while `memory` cannot be collected. Needed where C knows the memory only by an
 * address inside a structure: the garbage collector does not see that reference.
 */
export function withPinned<T>(memory: readonly unknown[], call: () => T): T {
  pinned.add(memory);
  try {
    return call();
  } finally {
    pinned.delete(memory);
  }
}

/** The error for the use of an owner after its resource was given back: a defect of the caller. */
export function closedError(owner: string): TypeError {
  return new TypeError(`Cannot use ${owner}: it is closed`);
}
