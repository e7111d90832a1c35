/** What goes with a binary: nothing of it runs, so only this looks at it. */
import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { buildTarget, isThisMachine } from "../../../.ci/build/build_target.ts";
import { duckdbDirectory, duckdbPackage } from "../../../.ci/build/duckdb_package.ts";
import { billOfMaterials, type Contents, notices } from "../../../.ci/build/release_documents.ts";
import { stagedPackages } from "../../../.ci/build/staged_packages.ts";
import { check } from "../../support/child_process.ts";
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
  const [deno, denoTerms, ...others] = parts;
  equal(deno, "deno 2.7.11\nMIT\n");
  ok(denoTerms!.startsWith("Copyright "), denoTerms);
  deepEqual(others, [
    "libelf.so.1: libelf1+x 1:0.188-2.1\nLGPL-3.0-or-later\n",
    "terms of libelf\n\n",
    "@scope/second 1.2.3\nMIT OR Apache-2.0\n",
    "first terms\n\nsecond terms\n\nthird terms\n\n",
    "first 0.0.1\n",
    "old terms\n",
  ]);
});

Deno.test("stagedPackages() sorts by name, and takes no part of a name for what a package goes with", () => {
  using directory = TempDirectory.create();
  const names = ["z@1.0.0", "m_n@2.0.0", "a@3.0.0", "q@4.0.0", "@s+x_y@5.0.0_peer_z@1.0.0"];
  const npm: Record<string, { integrity: string }> = {};
  for (const name of names) {
    const own = name.replace("+", "/").replace(/(?<=\d)_.*/, "");
    npm[own] = { integrity: own };
    const path = `node_modules/.deno/${name}/node_modules/${own.slice(0, own.lastIndexOf("@"))}`;
    Deno.mkdirSync(directory.file(path), { recursive: true });
    Deno.writeTextFileSync(directory.file(`${path}/package.json`), "{}");
  }
  Deno.writeTextFileSync(directory.file("deno.lock"), JSON.stringify({ npm }));
  deepEqual(
    stagedPackages(directory.path).map((
      { name, version, integrity },
    ) => [name, version, integrity]),
    [
      ["@s/x_y", "5.0.0", "@s/x_y@5.0.0"],
      ["a", "3.0.0", "a@3.0.0"],
      ["m_n", "2.0.0", "m_n@2.0.0"],
      ["q", "4.0.0", "q@4.0.0"],
      ["z", "1.0.0", "z@1.0.0"],
    ],
  );
});

Deno.test("duckdbDirectory() uses a download only if it is what the lock file names", async () => {
  using directory = stage();
  using scratch = TempDirectory.create();
  using bin = TempDirectory.create();
  // In place of npm: an archive as npm makes them.
  Deno.mkdirSync(bin.file("package"));
  Deno.writeTextFileSync(bin.file("package/duckdb.node"), "native code");
  await check(["tar", "-czf", bin.file("a.tgz"), "-C", bin.path, "package"]);
  const script = `#!/bin/sh\ncp "${bin.file("a.tgz")}" . && echo "$*" >asked && echo a.tgz\n`;
  Deno.writeTextFileSync(bin.file("npm"), script, { mode: 0o700 });
  const here = Deno.build.arch === "aarch64";
  const [other, npm] = here ? ["x86_64", "x64"] : ["aarch64", "arm64"];
  const target = buildTarget(`${other}-unknown-linux-gnu`);
  const digest = createHash("sha512").update(Deno.readFileSync(bin.file("a.tgz")));
  const integrity = `sha512-${digest.digest("base64")}`;
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", `${bin.path}:${path}`);
  try {
    const wrong = duckdbDirectory(target, directory.path, scratch.path, "sha512-x");
    const message = `Cannot use "a.tgz": its checksum is "${integrity}", not "sha512-x"`;
    await rejects(wrong, { message });
    deepEqual(scratch.list(), ["a.tgz", "asked"]);
    const found = await duckdbDirectory(target, directory.path, scratch.path, integrity);
    equal(Deno.readTextFileSync(`${found}/duckdb.node`), "native code");
    const asked = Deno.readTextFileSync(scratch.file("asked"));
    equal(asked, `pack --silent @duckdb/node-bindings-linux-${npm}@1.5.5-r.5\n`);
  } finally {
    Deno.env.set("PATH", path);
  }
  // For this machine it is what was installed.
  const own = buildTarget(`${Deno.build.arch}-unknown-linux-gnu`);
  const key = duckdbPackage(own, directory.path);
  const name = key.slice(0, key.lastIndexOf("@"));
  equal(
    await duckdbDirectory(own, directory.path, scratch.path, ""),
    `${directory.path}/node_modules/.deno/${key.replace("/", "+")}/node_modules/${name}`,
  );
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
