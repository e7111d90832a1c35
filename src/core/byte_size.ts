/**
 * Sizes of memory as users write them: `64MiB`, `16M`, `1GiB`, `4096KiB`.
 *
 * @module
 */
import { InvalidValue } from "./invalid_value.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** Bytes of each suffix, in lower case. One letter counts as its IEC unit (IEC 80000-13). */
const SUFFIX_BYTES: ReadonlyMap<string, number> = new Map([
  ["b", 1],
  ["k", KIB],
  ["kib", KIB],
  ["m", MIB],
  ["mib", MIB],
  ["g", GIB],
  ["gib", GIB],
]);

const DECIMAL_SUFFIX = /^([kmg])b$/;
const SIZE_HINT = 'Write a number and a unit (KiB, MiB, GiB), as in "16MiB"';

/**
 * Reads a size in bytes. The suffix is required, because capture tools disagree about what a bare
 * number means (KiB in tcpdump, MiB in dumpcap). `KB`, `MB` and `GB` are refused: to some they mean
 * powers of 1000.
 *
 * @param text What the user wrote; upper and lower case are the same.
 * @returns Whole bytes, at most `Number.MAX_SAFE_INTEGER`.
 * @throws {InvalidValue} If `text` is not such a size, or not a whole number of bytes.
 */
export function parseByteSize(text: string): number {
  if (text === "") throw new InvalidValue("it is empty", SIZE_HINT);
  if (text.startsWith("-")) throw new InvalidValue("it is negative", SIZE_HINT);
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(text);
  if (match === null) throw new InvalidValue("it is not a size", SIZE_HINT);
  const [, number = "", suffix = ""] = match;
  if (suffix === "") {
    throw new InvalidValue("it has no unit", `Write "${text}MiB" for MiB or "${text}KiB" for KiB`);
  }
  const decimal = DECIMAL_SUFFIX.exec(suffix.toLowerCase())?.[1]?.toUpperCase();
  if (decimal !== undefined) {
    throw new InvalidValue(`"${suffix}" is ambiguous`, `Write "${number}${decimal}iB"`);
  }
  const unit = SUFFIX_BYTES.get(suffix.toLowerCase());
  if (unit === undefined) throw new InvalidValue(`"${suffix}" is not a unit`, SIZE_HINT);
  const bytes = Number(number) * unit;
  if (bytes > Number.MAX_SAFE_INTEGER) throw new InvalidValue("it is too large", SIZE_HINT);
  if (!Number.isInteger(bytes)) {
    throw new InvalidValue("it is not a whole number of bytes", SIZE_HINT);
  }
  return bytes;
}

/**
 * Writes a size so that {@linkcode parseByteSize} reads the same number: in the largest IEC unit
 * that needs no fraction.
 *
 * @param bytes A whole number of bytes.
 */
export function formatByteSize(bytes: number): string {
  for (const [unit, name] of [[GIB, "GiB"], [MIB, "MiB"], [KIB, "KiB"]] as const) {
    if (bytes > 0 && bytes % unit === 0) return `${bytes / unit}${name}`;
  }
  return `${bytes}B`;
}
