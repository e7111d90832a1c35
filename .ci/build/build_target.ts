/**
 * The machines that the program is compiled for.
 *
 * @module
 */

/** One kind of Linux machine, by the names that others have for it. */
export interface BuildTarget {
  /** For `deno compile --target`; also `Deno.build.target`. */
  readonly triple: string;
  /** Of Debian's packages. */
  readonly debian: string;
  /** Of npm's packages, behind `linux-`. */
  readonly npm: string;
}

const TARGETS: readonly BuildTarget[] = [
  { triple: "x86_64-unknown-linux-gnu", debian: "amd64", npm: "x64" },
  { triple: "aarch64-unknown-linux-gnu", debian: "arm64", npm: "arm64" },
];

/** @throws {TypeError} for a target that the program is not made for */
export function buildTarget(triple: string): BuildTarget {
  const target = TARGETS.find((one) => one.triple === triple);
  if (target !== undefined) return target;
  const known = TARGETS.map((one) => `"${one.triple}"`).join(" and ");
  throw new TypeError(`Unknown target "${triple}": there are ${known}`);
}

/** Whether `target` is the machine that this runs on. */
export function isThisMachine(target: BuildTarget): boolean {
  return target.triple === Deno.build.target;
}
