import { deepEqual } from "node:assert/strict";
import { ffiModule, runText } from "./subprocess.ts";

/** Runs in a process of its own: what was confined stays so. */
function confined(directory: string, inner: string): unknown {
  const { stdout, stderr } = runText(
    `
    import { confineWrites } from ${JSON.stringify(ffiModule("linux/landlock.ts"))};
    const directory = ${JSON.stringify(directory)};
    const isConfined = confineWrites([${inner}]);
    const attempt = (action) => {
      try {
        action();
        return true;
      } catch {
        return false;
      }
    };
    const write = (name) => attempt(() => Deno.writeTextFileSync(directory + name, "x"));
    console.log(JSON.stringify({
      isConfined,
      inside: write("/own/new"),
      replaced: attempt(() => Deno.renameSync(directory + "/own/new", directory + "/own/other")),
      removed: attempt(() => Deno.removeSync(directory + "/own/other")),
      outside: write("/new"),
      over: write("/old"),
      gone: attempt(() => Deno.removeSync(directory + "/old")),
      link: attempt(() => Deno.symlinkSync("old", directory + "/own/link")),
      read: Deno.readTextFileSync(directory + "/old"),
    }));
    `,
    ["-A"],
  );
  return stdout === "" ? stderr : JSON.parse(stdout);
}

function withDirectory(action: (directory: string) => void): void {
  const directory = Deno.makeTempDirSync({ prefix: "xdp-inspector-test-" });
  try {
    Deno.mkdirSync(`${directory}/own`);
    Deno.writeTextFileSync(`${directory}/old`, "old");
    action(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

const REFUSED = { outside: false, over: false, gone: false, link: false, read: "old" };

Deno.test("confineWrites() lets a thread write files of one directory and read all", () => {
  withDirectory((directory) => {
    deepEqual(confined(directory, `directory + "/own"`), {
      isConfined: true,
      inside: true,
      replaced: true,
      removed: true,
      ...REFUSED,
    });
  });
});

for (const nowhere of ["", `directory + "/missing"`]) {
  Deno.test(`confineWrites() lets a thread write no file for [${nowhere}]`, () => {
    withDirectory((directory) => {
      deepEqual(confined(directory, nowhere), {
        isConfined: true,
        inside: false,
        replaced: false,
        removed: false,
        ...REFUSED,
      });
    });
  });
}
