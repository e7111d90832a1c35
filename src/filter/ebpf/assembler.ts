/**
 * Instructions with places to jump to, to bytes.
 *
 * @module
 */
import {
  type Instruction,
  INSTRUCTION_BYTES,
  JUMP_ALWAYS,
  RETURN,
  writeInstruction,
} from "./instructions.ts";

/** A place in the code, named before it is known where that is. */
export interface Label {
  /** Number of the instruction that stands there; -1 = not placed yet. */
  index: number;
}

/** Where a test goes on. `next` is the label that is placed behind it. */
export interface Exits {
  readonly yes: Label;
  readonly no: Label;
  readonly next: Label | null;
}

/** Collects instructions. Jumps lead forward only. */
export class Assembler {
  readonly #code: { readonly instruction: Instruction; readonly target: Label | null }[] = [];

  /** A label for later. */
  label(): Label {
    return { index: -1 };
  }

  /** How many instructions there are. */
  get length(): number {
    return this.#code.length;
  }

  /** What comes next stands at the label. */
  place(label: Label): void {
    label.index = this.#code.length;
  }

  add(instruction: Instruction): void {
    this.#code.push({ instruction, target: null });
  }

  /** A conditional jump. */
  jump(instruction: Instruction, target: Label): void {
    this.#code.push({ instruction, target });
  }

  /** A jump, unless the label is the one that is placed next. */
  goto(target: Label, next: Label | null): void {
    if (target !== next) this.#code.push({ instruction: JUMP_ALWAYS, target });
  }

  /**
   * The bytes, without instructions that cannot be reached, which the verifier refuses. All labels that
   * are jumped to are placed.
   */
  bytes(): Uint8Array<ArrayBuffer> {
    const kept = this.#reachable();
    // Where each instruction comes to lie: how many before it are kept.
    const places = [0];
    for (const isKept of kept) places.push(places.at(-1)! + (isKept ? 1 : 0));
    const bytes = new Uint8Array(places.at(-1)! * INSTRUCTION_BYTES);
    const view = new DataView(bytes.buffer);
    for (const [index, { instruction, target }] of this.#code.entries()) {
      if (!kept[index]) continue;
      const place = places[index]!;
      const offset = target === null ? instruction.offset : places[target.index]! - place - 1;
      writeInstruction(view, place, { ...instruction, offset });
    }
    return bytes;
  }

  /** For each instruction, whether some way leads there. */
  #reachable(): boolean[] {
    const reachable = this.#code.map((_, index) => index === 0);
    for (const [index, { instruction, target }] of this.#code.entries()) {
      if (!reachable[index]) continue;
      if (target !== null) {
        if (target.index <= index) throw new RangeError("Cannot jump backwards");
        reachable[target.index] = true;
      }
      if (instruction !== JUMP_ALWAYS && instruction !== RETURN) reachable[index + 1] = true;
    }
    return reachable;
  }
}
