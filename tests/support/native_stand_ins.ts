/**
 * Functions of native libraries in the hands of a test: answers that no machine can be asked for.
 *
 * @module
 */
import { prepareErrno } from "../../ffi/linux/errno.ts";

/** Functions by the name that they have in the library. */
export type StandIns = Readonly<Record<string, (...values: never[]) => unknown>>;

/**
 * Puts `standIns` in the place of functions of an open library, in this thread, until it is disposed of.
 *
 * @param symbols what `libc()` or `libbpf()` gives
 */
export function replaceNative(symbols: object, standIns: StandIns): Disposable {
  for (const name of Object.keys(standIns)) {
    if (!(name in symbols)) throw new Error(`Cannot replace "${name}": no such function`);
  }
  const before = Object.fromEntries(
    Object.keys(standIns).map((name) => [name, (symbols as Record<string, unknown>)[name]]),
  );
  Object.assign(symbols, standIns);
  return { [Symbol.dispose]: () => void Object.assign(symbols, before) };
}

/** What a function of the C library returns when it fails; sets this thread's `errno`. */
export function failure(errno: number): -1 {
  prepareErrno()[0] = errno;
  return -1;
}
