/** What goes with a binary: nothing of it runs, so only this looks at it. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { dirname } from "node:path";
import { buildTarget, isThisMachine } from "../../../.ci/build/build_target.ts";
import { duckdbPackage } from "../../../.ci/build/duckdb_package.ts";
import { billOfMaterials, type Contents, notices } from "../../../.ci/build/release_documents.ts";
import { stagedPackages } from "../../../.ci/build/staged_packages.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const SHA512 = new Uint8Array(64).fill(0xab).with(0, 0x05);
const LOCK = {
  npm: {
    "@scope/second@1.2.3_peer@4.5.6": { integrity: `sha512-${SHA512.toBase64()}` },
    "@duckdb/node-bindings-linux-arm64@1.5.5-r.5": { integrity: "sha512-arm" },
    "@duckdb/node-bindings-linux-x64@1.5.5-r.5": { integrity: "sha512-x" },
    "first@0.0.1": { integrity: "sha1-abc" },
  },
};

/** A build directory with packages as Deno installs them, and the statement of a library. */
function stage(): TempDirectory {
  const directory = TempDirectory.create();
  const write = (path: string, text: string) => {
    Deno.mkdirSync(dirname(directory.file(path)), { recursive: true });
    Deno.writeTextFileSync(directory.file(path), text);
  };
  write("deno.lock", JSON.stringify(LOCK));
  const second = "node_modules/.deno/@scope+second@1.2.3_peer@4.5.6/node_modules/@scope/second";
  write(`${second}/package.json`, JSON.stringify({ license: "MIT OR Apache-2.0" }));
  write(`${second}/LICENSE-MIT`, "first terms\n");
  write(`${second}/Licence.txt`, "second terms\n");
  write(`${second}/NOTICE`, "third terms\n");
  write(`${second}/README.md`, "not terms\n");
  const first = "node_modules/.deno/first@0.0.1/node_modules/first";
  write(`${first}/package.json`, JSON.stringify({ license: { type: "old" } }));
  write(`${first}/copying`, "old terms\n");
  // Deno has more there than packages.
  write("node_modules/.deno/.setup-cache.bin", "");
  write("copyright", "terms of libelf\n");
  return directory;
}

function contentsOf(directory: TempDirectory): Contents {
  return {
    version: "0.1.0",
    target: buildTarget("aarch64-unknown-linux-gnu"),
    denoVersion: "2.7.11",
    packages: stagedPackages(directory.path),
    libraries: [{
      soname: "libelf.so.1",
      package: "libelf1+x",
      version: "1:0.188-2.1",
      license: "LGPL-3.0-or-later",
      file: "",
      copyright: directory.file("copyright"),
    }],
    hashes: new Map([["libelf.so.1", "0123"]]),
  };
}

Deno.test("stagedPackages() finds every package with its version, license and checksum", () => {
  using directory = stage();
  deepEqual(
    stagedPackages(directory.path).map(({ directory: at, ...one }) => {
      ok(at.endsWith(`/node_modules/${one.name}`), at);
      return one;
    }),
    [
      {
        name: "@scope/second",
        version: "1.2.3",
        license: "MIT OR Apache-2.0",
        integrity: `sha512-${SHA512.toBase64()}`,
      },
      { name: "first", version: "0.0.1", license: "", integrity: "sha1-abc" },
    ],
  );
});

Deno.test("billOfMaterials() names the runtime, every package and every library", () => {
  using directory = stage();
  const contents = contentsOf(directory);
  const text = billOfMaterials(contents);
  equal(text, billOfMaterials(contents));
  ok(text.endsWith("}\n"));
  const { metadata, components, ...rest } = JSON.parse(text);
  deepEqual(rest, { bomFormat: "CycloneDX", specVersion: "1.5", version: 1 });
  const { name, version, properties } = metadata.component;
  deepEqual([name, version, properties], ["xdp-inspector", "0.1.0", [
    { name: "target", value: "aarch64-unknown-linux-gnu" },
  ]]);
  // Package URLs: https://github.com/package-url/purl-spec, types github, npm and deb.
  const second = "pkg:npm/%40scope/second@1.2.3";
  const library = "pkg:deb/debian/libelf1%2Bx@1%3A0.188-2.1?arch=arm64";
  deepEqual(components, [
    {
      type: "framework",
      "bom-ref": "deno",
      name: "deno",
      version: "2.7.11",
      purl: "pkg:github/denoland/deno@v2.7.11",
      licenses: [{ license: { id: "MIT" } }],
    },
    {
      type: "library",
      "bom-ref": second,
      name: "@scope/second",
      version: "1.2.3",
      purl: second,
      licenses: [{ expression: "MIT OR Apache-2.0" }],
      hashes: [{ alg: "SHA-512", content: SHA512.toHex() }],
    },
    {
      type: "library",
      "bom-ref": "pkg:npm/first@0.0.1",
      name: "first",
      version: "0.0.1",
      purl: "pkg:npm/first@0.0.1",
    },
    {
      type: "library",
      "bom-ref": library,
      name: "libelf1+x",
      version: "1:0.188-2.1",
      purl: library,
      licenses: [{ expression: "LGPL-3.0-or-later" }],
      hashes: [{ alg: "SHA-256", content: "0123" }],
      properties: [{ name: "file", value: "libelf.so.1" }],
    },
  ]);
});

Deno.test("notices() has the terms of every part, each below its name", () => {
  using directory = stage();
  const text = notices(contentsOf(directory));
  const line = "=".repeat(80);
  const [intro, ...parts] = text.split(`${line}\n`);
  ok(intro!.startsWith("xdp-inspector 0.1.0 (aarch64-unknown-linux-gnu) is MIT. "), intro);
  ok(intro!.includes("https://snapshot.debian.org"), intro);
  const [deno, denoTerms, ...others] = parts.map((part) => part.trim());
  equal(deno, "deno 2.7.11\nMIT");
  ok(denoTerms!.startsWith("Copyright "), denoTerms);
  deepEqual(others, [
    "libelf.so.1: libelf1+x 1:0.188-2.1\nLGPL-3.0-or-later",
    "terms of libelf",
    "@scope/second 1.2.3\nMIT OR Apache-2.0",
    "first terms\n\nsecond terms\n\nthird terms",
    "first 0.0.1",
    "old terms",
  ]);
});

Deno.test("duckdbPackage() finds the package of the target in the lock file", () => {
  using directory = stage();
  for (const [triple, npm] of [["x86_64", "x64"], ["aarch64", "arm64"]] as const) {
    const target = buildTarget(`${triple}-unknown-linux-gnu`);
    const found = duckdbPackage(target, directory.path);
    equal(found, `@duckdb/node-bindings-linux-${npm}@1.5.5-r.5`);
    equal(isThisMachine(target), Deno.build.arch === triple);
  }
  Deno.writeTextFileSync(directory.file("deno.lock"), JSON.stringify({ npm: {} }));
  const target = buildTarget("x86_64-unknown-linux-gnu");
  throws(() => duckdbPackage(target, directory.path), {
    message: 'Cannot find "@duckdb/node-bindings-linux-x64@" in deno.lock',
  });
});

Deno.test("buildTarget() refuses what the program is not made for, naming what it is", () => {
  throws(() => buildTarget("riscv64gc-unknown-linux-gnu"), {
    name: "TypeError",
    message: 'Unknown target "riscv64gc-unknown-linux-gnu": there are ' +
      '"x86_64-unknown-linux-gnu" and "aarch64-unknown-linux-gnu"',
  });
});
