/** The install snippet of the README, run against a server of this test instead of the release. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { basename, join } from "node:path";
import { run } from "../support/child_process.ts";
import { exists, PROJECT } from "../support/inspector_cli.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const FILE = `xdp-inspector-${Deno.build.arch}-linux`;
const PROGRAM = "#!/bin/sh\necho installed\n";

/** The lines of the snippet, with `base` at another place. */
function snippet(base: string): string {
  const readme = Deno.readTextFileSync(join(PROJECT, "README.md"));
  const [, code] = /<!-- install -->\s*```sh\n([^`]*)```\s*<!-- install:end -->/.exec(readme)!;
  ok(/^base=https:\/\/github\.com\//m.test(code!), code);
  const lines = /^base=(\S+)/m.exec(code!)![1]!.split("/");
  deepEqual(lines.slice(3, 5), ["OWNER", "xdp-inspector"]);
  return code!.replace(/^base=.*$/m, `base=${base}/OWNER/xdp-inspector`);
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(hash).toHex();
}

/** Stands for gh(1): agrees to files with these contents. */
function fakeGh(directory: TempDirectory, attested: string): void {
  const expected = `attestation verify ${FILE} --repo OWNER/xdp-inspector`;
  const script = `#!/bin/sh
[ "$*" = "${expected}" ] && [ "$(cat "$3")" = "$(cat attested)" ] && echo verified
`;
  Deno.writeTextFileSync(directory.file("attested"), attested);
  Deno.writeTextFileSync(directory.file("gh"), script, { mode: 0o755 });
}

/** Runs the snippet where `files` are served, on the loopback interface. */
async function install(
  directory: TempDirectory,
  files: Readonly<Record<string, string>>,
  attested = PROGRAM,
) {
  fakeGh(directory, attested);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const text = files[basename(new URL(request.url).pathname)];
    return text === undefined ? new Response("not there", { status: 404 }) : new Response(text);
  });
  try {
    const base = `http://127.0.0.1:${server.addr.port}`;
    return await run(["bash", "-c", snippet(base)], {
      cwd: directory.path,
      env: { no_proxy: "*", PATH: `${directory.path}:/usr/bin:/bin` },
    });
  } finally {
    await server.shutdown();
  }
}

Deno.test("the install snippet of the README installs what the checksums name", async () => {
  using directory = TempDirectory.create();
  const sums = `${await sha256("other")}  other\n${await sha256(PROGRAM)}  ${FILE}\n`;
  const { code, stdout, stderr } = await install(directory, { [FILE]: PROGRAM, SHA256SUMS: sums });
  equal(code, 0, stderr);
  match(stdout, new RegExp(`${FILE}: OK`));
  const started = await run([directory.file("xdp-inspector")]);
  equal(started.stdout, "installed\n");
});

for (
  const [what, files] of [
    ["a file that is not what the checksums name", {
      [FILE]: `${PROGRAM}evil\n`,
      SHA256SUMS: `${await sha256(PROGRAM)}  ${FILE}\n`,
    }],
    ["a file without a checksum", {
      [FILE]: PROGRAM,
      SHA256SUMS: `${await sha256(PROGRAM)}  other\n`,
    }],
    ["a machine without a release", { SHA256SUMS: "" }],
  ] as const
) {
  Deno.test(`the install snippet of the README refuses ${what}`, async () => {
    using directory = TempDirectory.create();
    const { code } = await install(directory, files);
    ok(code !== 0);
    ok(!exists(directory.file("xdp-inspector")));
  });
}

Deno.test("the install snippet of the README refuses a file that was not attested", async () => {
  using directory = TempDirectory.create();
  const files = { [FILE]: PROGRAM, SHA256SUMS: `${await sha256(PROGRAM)}  ${FILE}\n` };
  const { code, stdout } = await install(directory, files, "another");
  ok(code !== 0);
  match(stdout, new RegExp(`${FILE}: OK`));
  ok(!exists(directory.file("xdp-inspector")));
});
