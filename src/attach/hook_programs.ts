/**
 * The programs of one attach point: the one in use, and those that its interface refused.
 *
 * @module
 */
import type { BpfObject } from "../../ffi/mod.ts";
import { UnsupportedError } from "../core/errors.ts";
import {
  type AttachPoint,
  type CaptureMode,
  programFor,
  type ProgramName,
  tcProgramFor,
} from "./attach_plan.ts";

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
   * Loads the first choice for an attach point; for `auto`, if the kernel cannot load it, the next.
   *
   * @param load loads an instance of the BPF object with that program
   * @throws what `load` throws
   */
  static prepare(
    point: AttachPoint,
    mode: CaptureMode,
    load: (program: ProgramName) => BpfObject,
  ): HookPrograms {
    const first = programFor(point, mode);
    const second = tcProgramFor(point);
    try {
      return new HookPrograms(first, load);
    } catch (error) {
      if (mode !== "auto" || first === second || !(error instanceof UnsupportedError)) throw error;
      try {
        return new HookPrograms(second, load);
      } catch {
        throw error;
      }
    }
  }

  /** The object whose program was asked for last. */
  get current(): BpfObject {
    return this.#current;
  }

  /**
   * Fd of a program, which is loaded if it is not and becomes the current one.
   *
   * @throws what `load` throws
   */
  use(program: ProgramName): number {
    const object = this.#objects.get(program) ?? this.#load(program);
    this.#objects.set(program, object);
    this.#current = object;
    return object.programFd;
  }

  /** Releases all. Idempotent. */
  [Symbol.dispose](): void {
    for (const object of this.#objects.values()) object[Symbol.dispose]();
  }
}
