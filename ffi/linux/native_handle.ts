/**
 * A pointer that C fills in, or takes away, by its address.
 *
 * @module
 */

import { allocate } from "./native_memory.ts";

const POINTER_BYTES = 8;

/** Memory for one pointer. */
export class Handle {
  /** The memory: pass it where C wants a `T **`. */
  readonly memory: Uint8Array<ArrayBuffer>;

  /** @param pointer what is in it at first */
  constructor(pointer: Deno.PointerValue = null) {
    this.memory = allocate(POINTER_BYTES);
    new BigUint64Array(this.memory.buffer)[0] = Deno.UnsafePointer.value(pointer);
  }

  /** What is in it now. */
  get pointer(): Deno.PointerValue {
    return Deno.UnsafePointer.create(new BigUint64Array(this.memory.buffer)[0]!);
  }
}
