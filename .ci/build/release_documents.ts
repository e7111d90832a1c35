/**
 * What goes with a binary: a bill of materials (CycloneDX 1.5, JSON) and the terms of everything that
 * is inside of it.
 *
 * @module
 */
import { join } from "node:path";
import type { BuildTarget } from "./build_target.ts";
import type { SystemLibrary } from "./native_libraries.ts";
import type { StagedPackage } from "./staged_packages.ts";

/** What a binary was made of. */
export interface Contents {
  readonly version: string;
  readonly target: BuildTarget;
  /** Release of the runtime. */
  readonly denoVersion: string;
  readonly packages: readonly StagedPackage[];
  readonly libraries: readonly SystemLibrary[];
  /** SHA-256 of each library by its name, hexadecimal. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** The bill of materials. The same contents give the same text, so it carries no date and no serial. */
export function billOfMaterials(contents: Contents): string {
  const { version, target } = contents;
  const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      component: {
        "type": "application",
        "bom-ref": "xdp-inspector",
        name: "xdp-inspector",
        version,
        licenses: [{ license: { id: "MIT" } }],
        properties: [{ name: "target", value: target.triple }],
      },
    },
    components: [
      {
        "type": "framework",
        "bom-ref": "deno",
        name: "deno",
        version: contents.denoVersion,
        purl: `pkg:github/denoland/deno@v${contents.denoVersion}`,
        licenses: [{ license: { id: "MIT" } }],
      },
      ...contents.packages.map(packageComponent),
      ...contents.libraries.map((library) => libraryComponent(library, contents)),
    ],
  };
  return JSON.stringify(document, null, 2) + "\n";
}

function packageComponent(one: StagedPackage) {
  const purl = `pkg:npm/${one.name.replace("@", "%40")}@${one.version}`;
  const [algorithm, base64] = one.integrity.split("-");
  return {
    "type": "library",
    "bom-ref": purl,
    name: one.name,
    version: one.version,
    purl,
    ...(one.license === "" ? {} : { licenses: [{ expression: one.license }] }),
    ...(algorithm === "sha512" && base64 !== undefined
      ? { hashes: [{ alg: "SHA-512", content: hexadecimal(base64) }] }
      : {}),
  };
}

function libraryComponent(library: SystemLibrary, { target, hashes }: Contents) {
  const version = encodeURIComponent(library.version);
  const name = encodeURIComponent(library.package);
  const purl = `pkg:deb/debian/${name}@${version}?arch=${target.debian}`;
  return {
    "type": "library",
    "bom-ref": purl,
    name: library.package,
    version: library.version,
    purl,
    licenses: [{ expression: library.license }],
    hashes: [{ alg: "SHA-256", content: hashes.get(library.soname) ?? "" }],
    properties: [{ name: "file", value: library.soname }],
  };
}

function hexadecimal(base64: string): string {
  return Array.from(atob(base64), (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0"))
    .join("");
}

/** The terms of every part, one after the other. */
export function notices(contents: Contents): string {
  const parts = [
    `xdp-inspector ${contents.version} (${contents.target.triple}) is MIT. It carries the parts below,\n` +
    "each under its own terms. The libraries of Debian packages are unchanged. Their sources are to be\n" +
    "had as Debian source packages of the version named, from https://snapshot.debian.org. To use a\n" +
    "libbpf of your own instead, set XDP_INSPECTOR_LIBBPF to its path.\n",
    heading(`deno ${contents.denoVersion}`, "MIT") +
    "Copyright 2018-2026 the Deno authors. https://github.com/denoland/deno/blob/main/LICENSE.md\n",
    ...contents.libraries.map((library) =>
      heading(`${library.soname}: ${library.package} ${library.version}`, library.license) +
      Deno.readTextFileSync(library.copyright)
    ),
    ...contents.packages.map((one) =>
      heading(`${one.name} ${one.version}`, one.license) + licenseText(one.directory)
    ),
  ];
  return parts.join("\n");
}

function heading(name: string, license: string): string {
  const line = "=".repeat(80);
  return `${line}\n${name}${license === "" ? "" : `\n${license}`}\n${line}\n`;
}

function licenseText(directory: string): string {
  const names = [...Deno.readDirSync(directory)].map((entry) => entry.name)
    .filter((name) => /^(licen[cs]e|notice|copying)/i.test(name)).sort();
  return names.map((name) => Deno.readTextFileSync(join(directory, name))).join("\n");
}
