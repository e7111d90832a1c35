import assert from "node:assert/strict";
import { ffiModule, runText } from "./subprocess.ts";

/** Prints the error of the first use of libbpf as JSON. */
const USE_LIBBPF = `
  import { libbpfVersion } from ${JSON.stringify(ffiModule("mod.ts"))};
  try {
    console.log(JSON.stringify({ version: libbpfVersion() }));
  } catch (error) {
    const { name, message, hint, exitCode, cause } = error;
    console.log(JSON.stringify({ name, message, hint, exitCode, cause: String(cause) }));
  }
`;

function useLibbpf(path: string): Record<string, unknown> {
  const { code, stdout, stderr } = runText(USE_LIBBPF, ["-A"], { XDP_INSPECTOR_LIBBPF: path });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("libbpf() names the path, the version and the variable when the file is missing", () => {
  const error = useLibbpf("/nowhere/libbpf.so.1");
  assert.equal(error.name, "UnsupportedError");
  assert.equal(error.exitCode, 3);
  assert.equal(
    error.message,
    'Cannot load libbpf 1.1 or newer: tried "/nowhere/libbpf.so.1" from XDP_INSPECTOR_LIBBPF: ' +
      "/nowhere/libbpf.so.1: cannot open shared object file: No such file or directory",
  );
  assert.equal(
    error.hint,
    "Set XDP_INSPECTOR_LIBBPF to the path of libbpf.so.1, or unset it to use the system's",
  );
  assert.match(String(error.cause), /cannot open shared object file/);
});

Deno.test("libbpf() refuses a library that is not libbpf", () => {
  const error = useLibbpf("libc.so.6");
  assert.equal(error.name, "UnsupportedError");
  assert.match(String(error.message), /^Cannot load libbpf 1\.1 or newer: tried "libc\.so\.6"/);
  assert.match(String(error.message), / undefined symbol: (lib)?bpf_\w+$/);
});

Deno.test("libbpf() names the package to install when the system has no libbpf", () => {
  // A loader that finds nothing: the library is looked up by a name that cannot exist, as if the
  // system's were not there.
  const text = `
    const open = Deno.dlopen;
    Deno.dlopen = (path, symbols) => open(path === "libbpf.so.1" ? "libnone.so.1" : path, symbols);
    ${
    USE_LIBBPF.replace(
      /import \{ libbpfVersion \} from (.*);/,
      "const { libbpfVersion } = await import($1);",
    )
  }
  `;
  const { stdout, stderr } = runText(text, ["-A"], { XDP_INSPECTOR_LIBBPF: "" });
  assert.notEqual(stdout, "", stderr);
  const error = JSON.parse(stdout);
  assert.equal(error.name, "UnsupportedError");
  assert.match(error.message, /^Cannot load libbpf 1\.1 or newer: tried "libbpf\.so\.1": /);
  assert.match(error.hint, /apt install libbpf1/);
  assert.match(error.hint, /XDP_INSPECTOR_LIBBPF/);
});

Deno.test("libbpf() passes a refused permission on as it is", () => {
  const { stdout, stderr } = runText(USE_LIBBPF, ["--allow-env"]);
  assert.notEqual(stdout, "", stderr);
  assert.equal(JSON.parse(stdout).name, "NotCapable");
});

Deno.test("libbpf() takes libbpf 1.1 and newer releases with the same ABI, and no other", () => {
  const text = `
    const versions = [[0, 8], [1, 0], [2, 0], [2, 5], [1, 1]];
    const closed = [];
    const open = Deno.dlopen;
    Deno.dlopen = (path, functions) => {
      if (path !== "/some/libbpf.so.1") return open(path, functions);
      const [major, minor] = versions[0];
      return {
        symbols: {
          libbpf_major_version: () => major,
          libbpf_minor_version: () => minor,
          libbpf_set_print: () => null,
        },
        close: () => closed.push(\`\${major}.\${minor}\`),
      };
    };
    const { libbpfVersion } = await import(${JSON.stringify(ffiModule("mod.ts"))});
    const answers = [];
    for (; versions.length > 0; versions.shift()) {
      try {
        answers.push(libbpfVersion());
      } catch (error) {
        answers.push(error.name + " " + error.message);
      }
    }
    console.log(JSON.stringify({ answers, closed }));
  `;
  const { stdout, stderr } = runText(text, ["-A"], { XDP_INSPECTOR_LIBBPF: "/some/libbpf.so.1" });
  assert.notEqual(stdout, "", stderr);
  const refused = (version: string) =>
    `UnsupportedError Cannot use libbpf "${version}": need libbpf 1.1 or newer, tried ` +
    '"/some/libbpf.so.1" from XDP_INSPECTOR_LIBBPF';
  assert.deepEqual(JSON.parse(stdout), {
    answers: [refused("0.8"), refused("1.0"), refused("2.0"), refused("2.5"), "1.1"],
    closed: ["0.8", "1.0", "2.0", "2.5"],
  });
});
