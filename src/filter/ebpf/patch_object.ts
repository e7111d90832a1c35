/**
 * Puts the instructions of a filter into the room that the BPF object has for them, before it is loaded.
 *
 * @module
 */
import {
  INSTRUCTION_BYTES,
  isReturn,
  JUMP_ALWAYS,
  jumpIfNotZero,
  setWide,
  writeInstruction,
} from "./instructions.ts";

/** Names of the rooms start with it: bpf/filter.h. */
const PREFIX = "filter_room_";

/** System V ABI, "Object Files": places in the headers of a 64-bit file. */
const HEADER = { shoff: 40, shentsize: 58, shnum: 60 } as const;
const SECTION = { type: 4, offset: 24, size: 32, link: 40 } as const;
const SYMBOL = { BYTES: 24, name: 0, section: 6, value: 8, size: 16 } as const;
const SYMBOL_TABLE = 2;

/** In front of a filter, so that all behind it can be reached as far as the verifier's first look goes. */
const PROLOGUE = 2;

/** How many instructions a filter can have in this object. */
export function filterRoom(elf: Uint8Array): number {
  return findRooms(elf)[0]!.size / INSTRUCTION_BYTES - PROLOGUE;
}

/**
 * A copy of the object whose filter, in all its programs, is `code`.
 *
 * An instruction that cannot be reached is refused (check_cfg() in kernel/bpf/verifier.c). So a jump to
 * what is left of the room stands first: it is never taken, which the verifier finds out when it follows
 * the values, and then it takes the rest of the room out of the program.
 *
 * @param code whole instructions, at most {@linkcode filterRoom} of them, of which the last one returns
 */
export function withFilter(elf: Uint8Array, code: Uint8Array): Uint8Array<ArrayBuffer> {
  const patched = new Uint8Array(elf);
  for (const { offset, size } of findRooms(patched)) {
    const view = new DataView(patched.buffer, offset, size);
    const end = size / INSTRUCTION_BYTES;
    const rest = PROLOGUE + code.length / INSTRUCTION_BYTES;
    if (rest > end) throw new RangeError("Cannot put a filter where there is no room for it");
    writeInstruction(view, 0, setWide(0, 0));
    writeInstruction(view, 1, { ...jumpIfNotZero(0), offset: rest - PROLOGUE });
    patched.set(code, offset + PROLOGUE * INSTRUCTION_BYTES);
    for (let index = PROLOGUE; index < rest; index++) {
      // The program goes on behind the room.
      if (!isReturn(view, index)) continue;
      writeInstruction(view, index, { ...JUMP_ALWAYS, offset: end - index - 1 });
    }
    for (let index = rest; index < end; index++) writeInstruction(view, index, setWide(0, 0));
  }
  return patched;
}

/** Where the rooms are in the file; they are of one size. */
function findRooms(elf: Uint8Array): { offset: number; size: number }[] {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.length);
  const word = (at: number) => Number(view.getBigUint64(at, true));
  const section = (index: number) =>
    word(HEADER.shoff) + index * view.getUint16(HEADER.shentsize, true);
  const rooms: { offset: number; size: number }[] = [];
  for (let index = 1; index < view.getUint16(HEADER.shnum, true); index++) {
    const header = section(index);
    if (view.getUint32(header + SECTION.type, true) !== SYMBOL_TABLE) continue;
    const names = word(section(view.getUint32(header + SECTION.link, true)) + SECTION.offset);
    const start = word(header + SECTION.offset);
    for (let at = start; at < start + word(header + SECTION.size); at += SYMBOL.BYTES) {
      if (!startsWith(elf, names + view.getUint32(at + SYMBOL.name, true), PREFIX)) continue;
      const code = section(view.getUint16(at + SYMBOL.section, true));
      const offset = word(code + SECTION.offset) + word(at + SYMBOL.value);
      rooms.push({ offset, size: word(at + SYMBOL.size) });
    }
  }
  if (rooms.length === 0) throw new RangeError(`Cannot find "${PREFIX}" in the BPF object`);
  return rooms;
}

/** Whether a text stands there. */
function startsWith(bytes: Uint8Array, start: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[start + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
