/**
 * The system libraries that the compiled program carries, from Debian's packages: those installed on
 * this machine, or, for another kind of machine, downloaded with apt-get. Which Debian this is decides
 * how old a C library the program can run with.
 *
 * @module
 */
import { basename, join } from "node:path";
import type { BuildTarget } from "./build_target.ts";
import { isThisMachine } from "./build_target.ts";
import { check } from "../../tests/support/child_process.ts";

/** A library of a Debian package, as the program will carry it. */
export interface SystemLibrary {
  readonly soname: string;
  readonly package: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  /** The file itself, not a link to it. */
  readonly file: string;
  /** Debian's statement of authors and terms. */
  readonly copyright: string;
}

type Wanted = Pick<SystemLibrary, "soname" | "package" | "license"> & {
  /** Package that holds the statement, where that is another one. */
  readonly copyrightPackage?: string;
};

const WANTED: readonly Wanted[] = [
  { soname: "libz.so.1", package: "zlib1g", license: "Zlib" },
  {
    soname: "libelf.so.1",
    package: "libelf1",
    license: "GPL-2.0-or-later OR LGPL-3.0-or-later",
  },
  { soname: "libbpf.so.1", package: "libbpf1", license: "LGPL-2.1-only OR BSD-2-Clause" },
  {
    soname: "libstdc++.so.6",
    package: "libstdc++6",
    license: "GPL-3.0-or-later WITH GCC-exception-3.1",
    copyrightPackage: "gcc-12-base",
  },
];

const DOWNLOAD_LIMIT_MS = 300_000;

/**
 * The libraries for `target`.
 *
 * @param scratch directory for downloads
 * @throws {Error} if a package is missing here, was changed after its installation, or is not to be had
 */
export async function systemLibraries(
  target: BuildTarget,
  scratch: string,
): Promise<SystemLibrary[]> {
  if (isThisMachine(target)) return await Promise.all(WANTED.map(installed));
  const packages = await download(target, scratch);
  return await Promise.all(WANTED.map((wanted) => unpacked(wanted, packages, scratch)));
}

async function installed(wanted: Wanted): Promise<SystemLibrary> {
  const lists = await Promise.all(
    packagesOf(wanted).map(async (name) => {
      await check(["dpkg", "--verify", name]);
      return await check(["dpkg", "--listfiles", name]);
    }),
  );
  const format = "--showformat=${Version}";
  const version = await check(["dpkg-query", "--show", format, wanted.package]);
  return described(wanted, version, lists.join("\n").split("\n"));
}

async function unpacked(
  wanted: Wanted,
  packages: string,
  scratch: string,
): Promise<SystemLibrary> {
  const root = join(scratch, "root", wanted.package);
  let version = "";
  for (const name of packagesOf(wanted)) {
    const archive = findEntry(packages, `${name}_`);
    await check(["dpkg-deb", "--extract", archive, root]);
    if (name === wanted.package) version = await check(["dpkg-deb", "--field", archive, "Version"]);
  }
  const list = await check(["find", root, "-name", wanted.soname, "-o", "-name", "copyright"]);
  return described(wanted, version.trim(), list.split("\n"));
}

function packagesOf(wanted: Wanted): string[] {
  return [wanted.package, ...(wanted.copyrightPackage ? [wanted.copyrightPackage] : [])];
}

function findEntry(directory: string, start: string): string {
  const found = [...Deno.readDirSync(directory)].find((entry) => entry.name.startsWith(start));
  if (found === undefined) throw new Error(`Cannot find "${start}*" among the downloads`);
  return join(directory, found.name);
}

function described(wanted: Wanted, version: string, paths: readonly string[]): SystemLibrary {
  const find = (name: string) => {
    const path = paths.find((one) => basename(one) === name);
    if (path === undefined) {
      throw new Error(`Cannot find "${name}" in package "${wanted.package}"`);
    }
    return Deno.realPathSync(path);
  };
  const { soname, license } = wanted;
  const [file, copyright] = [find(soname), find("copyright")];
  return { soname, package: wanted.package, version, license, file, copyright };
}

/** Downloads the packages, with package lists of its own: this machine's stay as they are. */
async function download(target: BuildTarget, scratch: string): Promise<string> {
  const packages = join(scratch, "packages");
  for (const directory of ["root", "packages", "lists/partial", "cache/archives/partial"]) {
    Deno.mkdirSync(join(scratch, directory), { recursive: true });
  }
  const options = [
    `APT::Architecture=${target.debian}`,
    `APT::Architectures::=${target.debian}`,
    `Dir::State::Lists=${join(scratch, "lists")}`,
    `Dir::State::status=/dev/null`,
    `Dir::Cache=${join(scratch, "cache")}`,
    // Its own user could not read the directory of this build.
    "APT::Sandbox::User=root",
  ].flatMap((option) => ["-o", option]);
  const apt = (...args: string[]) =>
    check(["apt-get", "-q", ...options, ...args], { cwd: packages, limitMs: DOWNLOAD_LIMIT_MS });
  await apt("update");
  await apt("download", ...WANTED.flatMap(packagesOf));
  return packages;
}
