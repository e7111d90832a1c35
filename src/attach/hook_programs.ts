/**
 * The programs of one attach point: the one in use, and those that its interface refused.
 *
 * @module
 */
import type { BpfObject } from "../../ffi/mod.ts";
import { UnsupportedError } from "../core/errors.ts";
import type { ProgramName } from "./hook_kind.ts";

/** Owner of the loaded objects, each an instance of its own with its own counters. */
export class HookPrograms implements Disposable {
  readonly #load: (program: ProgramName) => BpfObject;
  readonly #objects = new Map<ProgramName, BpfObject>();
  #current: BpfObject;

  private constructor(
    program: ProgramName,
    load: (program: ProgramName) => BpfObject,
  ) {
    this.#load = load;
    this.#current = load(program);
    this.#objects.set(program, this.#current);
  }

  /**
   * Loads the first of the programs that may come into question for an attach point; if the kernel
   * cannot load it, the next.
   *
   * @param programs at least one
   * @param load loads an instance of the BPF object with that program
   * @throws what `load` throws, of the first program if it throws for all
   */
  static prepare(
    [program, ...others]: readonly [ProgramName, ...ProgramName[]],
    load: (program: ProgramName) => BpfObject,
  ): HookPrograms {
    try {
      return new HookPrograms(program, load);
    } catch (error) {
      const [next, ...rest] = others;
      if (next === undefined || !(error instanceof UnsupportedError)) throw error;
      try {
        return HookPrograms.prepare([next, ...rest], load);
      } catch {
        throw error;
      }
    }
  }

  /** The object whose program was asked for last. */
  get current(): BpfObject {
    return this.#current;
  }

  /** All objects: one that was given up again may have counted packets until then. */
  get all(): Iterable<BpfObject> {
    return this.#objects.values();
  }

  /**
   * Fd of a program, which is loaded if it is not and becomes the current one. Valid until the
   * programs are released.
   *
   * @throws what `load` throws
   */
  use(program: ProgramName): number {
    const object = this.#objects.get(program) ?? this.#load(program);
    this.#objects.set(program, object);
    this.#current = object;
    return object.programFd;
  }

  /** Loads what may be asked for later, when this process can no longer load anything. */
  keepReady(programs: readonly ProgramName[]): void {
    const current = this.#current;
    for (const program of programs) {
      try {
        this.use(program);
      } catch (error) {
        // What this kernel cannot load will not be used.
        if (!(error instanceof UnsupportedError)) throw error;
      }
    }
    this.#current = current;
  }

  /** Gives the programs back, once the current one is in place; counters and other maps stay. */
  releasePrograms(): void {
    for (const object of this.#objects.values()) object.releaseProgram();
  }

  /** Releases all. Idempotent. */
  [Symbol.dispose](): void {
    for (const object of this.#objects.values()) object[Symbol.dispose]();
  }
}
