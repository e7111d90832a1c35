/**
 * The types of a BPF object, read from its section `.BTF`: `Documentation/bpf/btf.rst` of Linux.
 * As much of it as it takes to know where the members of a structure are.
 *
 * @module
 */
import { textAt } from "./elf.ts";

const MAGIC = 0xeb9f;
const HEADER = { magic: 0, hdr_len: 4, type_off: 8, type_len: 12, str_off: 16 } as const;

/** Kinds of types: `linux/btf.h`. */
const KIND = {
  INT: 1,
  PTR: 2,
  ARRAY: 3,
  STRUCT: 4,
  UNION: 5,
  ENUM: 6,
  TYPEDEF: 8,
  VOLATILE: 9,
  CONST: 10,
  RESTRICT: 11,
  FUNC_PROTO: 13,
  VAR: 14,
  DATASEC: 15,
  DECL_TAG: 17,
  ENUM64: 19,
} as const;

/** Bytes that follow the 12 of a type: a fixed part, and a part for each of its `vlen` elements. */
const TRAILING: Readonly<Record<number, readonly [fixed: number, each: number]>> = {
  [KIND.INT]: [4, 0],
  [KIND.ARRAY]: [12, 0],
  [KIND.STRUCT]: [0, 12],
  [KIND.UNION]: [0, 12],
  [KIND.ENUM]: [0, 8],
  [KIND.FUNC_PROTO]: [0, 8],
  [KIND.VAR]: [4, 0],
  [KIND.DATASEC]: [0, 12],
  [KIND.DECL_TAG]: [4, 0],
  [KIND.ENUM64]: [0, 12],
};

interface Type {
  readonly name: string;
  readonly kind: number;
  readonly elements: number;
  /** Bytes, or the number of the type that this one refers to. */
  readonly sizeOrType: number;
  /** Where its elements start. */
  readonly at: number;
}

export interface Member {
  /** Bytes from the start of the outermost structure. */
  readonly offset: number;
  readonly bytes: number;
}

export interface Structure {
  readonly bytes: number;
  /** By name; the members of unnamed structures and unions are members of the one around them. */
  readonly members: ReadonlyMap<string, Member>;
}

/** The types of one object. */
export class Btf {
  readonly #view: DataView;
  readonly #types: Type[] = [];
  readonly #names: Uint8Array;

  /** @throws {TypeError} if `section` is not BTF in the byte order of this machine */
  constructor(section: Uint8Array) {
    this.#view = new DataView(section.buffer, section.byteOffset, section.length);
    if (this.#view.getUint16(HEADER.magic, true) !== MAGIC) {
      throw new TypeError("Cannot read the types: the section is not BTF");
    }
    const start = this.#u32(HEADER.hdr_len);
    const names = section.subarray(start + this.#u32(HEADER.str_off));
    const end = start + this.#u32(HEADER.type_off) + this.#u32(HEADER.type_len);
    // Number 0 is void and not in the section.
    this.#types.push({ name: "void", kind: 0, elements: 0, sizeOrType: 0, at: 0 });
    for (let at = start + this.#u32(HEADER.type_off); at < end;) {
      const info = this.#u32(at + 4);
      const kind = info >>> 24 & 0x1f;
      const elements = info & 0xffff;
      const [fixed, each] = TRAILING[kind] ?? [0, 0];
      const name = textAt(names, this.#u32(at));
      this.#types.push({ name, kind, elements, sizeOrType: this.#u32(at + 8), at: at + 12 });
      at += 12 + fixed + elements * each;
    }
    this.#names = names;
  }

  /** @throws {RangeError} if there is no such structure */
  structure(name: string): Structure {
    const type = this.#find(name, KIND.STRUCT);
    return { bytes: type.sizeOrType, members: new Map(this.#members(type, 0)) };
  }

  /**
   * Names and values of an enumeration.
   *
   * @throws {RangeError} if there is no such enumeration
   */
  enumeration(name: string): Record<string, number> {
    const type = this.#find(name, KIND.ENUM);
    const values: Record<string, number> = {};
    for (let index = 0; index < type.elements; index++) {
      const at = type.at + index * 8;
      values[textAt(this.#names, this.#u32(at))] = this.#view.getInt32(at + 4, true);
    }
    return values;
  }

  *#members(type: Type, base: number): Generator<[string, Member]> {
    for (let index = 0; index < type.elements; index++) {
      const at = type.at + index * 12;
      const name = textAt(this.#names, this.#u32(at));
      const member = this.#types[this.#u32(at + 4)]!;
      const offset = base + this.#u32(at + 8) / 8;
      if (name !== "") yield [name, { offset, bytes: this.#bytes(member) }];
      else yield* this.#members(member, offset);
    }
  }

  #bytes(type: Type): number {
    switch (type.kind) {
      case KIND.PTR:
        return 8;
      case KIND.ARRAY:
        return this.#bytes(this.#types[this.#u32(type.at)]!) * this.#u32(type.at + 8);
      case KIND.TYPEDEF:
      case KIND.VOLATILE:
      case KIND.CONST:
      case KIND.RESTRICT:
        return this.#bytes(this.#types[type.sizeOrType]!);
      default:
        return type.sizeOrType;
    }
  }

  #find(name: string, kind: number): Type {
    const type = this.#types.find((it) => it.name === name && it.kind === kind);
    if (type === undefined) throw new RangeError(`Cannot find the type "${name}"`);
    return type;
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, true);
  }
}
