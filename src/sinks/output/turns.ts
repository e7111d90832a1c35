/**
 * One recording after the other makes its hidden directory in a directory.
 *
 * @module
 */
import type { Directory } from "../../../ffi/mod.ts";

/** How long another recording may take to make its own directory, milliseconds. */
const TURN_LIMIT_MS = 1_000;
const TURN_PAUSE_MS = 5;

/**
 * Runs `action` while no other recording does this in the same directory, as far as can be known:
 * whoever keeps the lock for long is not waited for.
 */
export function inTurn<T>(parent: Directory, action: () => T): T {
  const hasLock = takeTurn(parent);
  try {
    return action();
  } finally {
    if (hasLock) parent.unlock();
  }
}

function takeTurn(parent: Directory): boolean {
  const end = performance.now() + TURN_LIMIT_MS;
  try {
    while (!parent.tryLock()) {
      if (performance.now() > end) return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TURN_PAUSE_MS);
    }
    return true;
  } catch {
    return false; // No such locks here.
  }
}
