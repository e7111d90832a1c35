/**
 * The instructions of eBPF that filters use: RFC 9669.
 *
 * @module
 */

/** Registers: the result, the address of the record, and those that a filter may use freely. */
export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** Bytes of one instruction: RFC 9669, 3. None of those here is a wide one. */
export const INSTRUCTION_BYTES = 8;

/** Classes, sources and sizes: RFC 9669, 3.2 and 5. */
const CLASS = { LDX: 0x01, ALU32: 0x04, JMP: 0x05, JMP32: 0x06 } as const;
const MODE_MEM = 0x60;
const FROM_REGISTER = 0x08;
const SIZE = { 1: 0x10, 2: 0x08, 4: 0x00 } as const;

/** Operations on 32 bits, which clear the upper half of the register: RFC 9669, 4.1. */
const OPERATION = {
  "+": 0x00,
  "-": 0x10,
  "*": 0x20,
  "/": 0x30,
  "|": 0x40,
  "&": 0x50,
  "<<": 0x60,
  ">>": 0x70,
  "%": 0x90,
  "^": 0xa0,
  set: 0xb0,
} as const;

/** Jumps by a comparison without sign; `has`: by a bit that both have. RFC 9669, 4.3. */
const JUMP = {
  "=": 0x10,
  ">": 0x20,
  ">=": 0x30,
  has: 0x40,
  "!=": 0x50,
  "<": 0xa0,
  "<=": 0xb0,
} as const;

const EXIT = 0x90;
/** To big-endian is what network order is: RFC 9669, 4.2. */
const BYTE_SWAP = 0xd0;

export type Operation = keyof typeof OPERATION;
export type JumpCondition = keyof typeof JUMP;

/** What an instruction works with: a number of 32 bits, or a register. */
export type Operand = number | { readonly register: Register };

/** An instruction without a place to jump to. */
export interface Instruction {
  readonly code: number;
  readonly to: number;
  readonly from: number;
  readonly offset: number;
  readonly immediate: number;
}

/** Loads a number of `size` bytes from `offset` behind what `base` points to. */
export function load(to: Register, base: Register, offset: number, size: 1 | 2 | 4): Instruction {
  return { code: CLASS.LDX | MODE_MEM | SIZE[size], to, from: base, offset, immediate: 0 };
}

/** Computes with 32 bits. */
export function operate(operation: Operation, to: Register, operand: Operand): Instruction {
  return withOperand(CLASS.ALU32 | OPERATION[operation], to, operand);
}

/** Turns a number that was loaded from bytes in network order around; the upper bits become 0. */
export function fromNetwork(to: Register, size: 2 | 4): Instruction {
  const code = CLASS.ALU32 | BYTE_SWAP | FROM_REGISTER;
  return { code, to, from: 0, offset: 0, immediate: 8 * size };
}

/** Jumps if a comparison of 32 bits holds; where to is for the assembler to fill in. */
export function jumpIf(condition: JumpCondition, left: Register, right: Operand): Instruction {
  return withOperand(CLASS.JMP32 | JUMP[condition], left, right);
}

/** Jumps; where to is for the assembler to fill in. */
export const JUMP_ALWAYS: Instruction = {
  code: CLASS.JMP,
  to: 0,
  from: 0,
  offset: 0,
  immediate: 0,
};

/** Compares all 64 bits with 0. */
export function jumpIfNotZero(register: Register): Instruction {
  return { code: CLASS.JMP | JUMP["!="], to: register, from: 0, offset: 0, immediate: 0 };
}

/** Sets all 64 bits to a small number. */
export function setWide(to: Register, immediate: number): Instruction {
  return { code: 0x07 | OPERATION.set, to, from: 0, offset: 0, immediate };
}

/** Returns register 0. */
export const RETURN: Instruction = {
  code: CLASS.JMP | EXIT,
  to: 0,
  from: 0,
  offset: 0,
  immediate: 0,
};

/** Whether an instruction that was written is {@linkcode RETURN}. */
export function isReturn(view: DataView, index: number): boolean {
  return view.getUint8(index * INSTRUCTION_BYTES) === RETURN.code;
}

/** Writes an instruction as it lies in memory on a little-endian machine. */
export function writeInstruction(view: DataView, index: number, instruction: Instruction): void {
  const at = index * INSTRUCTION_BYTES;
  view.setUint8(at, instruction.code);
  view.setUint8(at + 1, instruction.from << 4 | instruction.to);
  view.setInt16(at + 2, instruction.offset, true);
  view.setInt32(at + 4, instruction.immediate | 0, true);
}

function withOperand(code: number, to: Register, operand: Operand): Instruction {
  if (typeof operand === "number") {
    return { code, to, from: 0, offset: 0, immediate: operand };
  }
  return { code: code | FROM_REGISTER, to, from: operand.register, offset: 0, immediate: 0 };
}
