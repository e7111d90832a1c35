/** What becomes of an error that nobody catches: one in an event handler, or in a lost promise. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { run } from "../../support/child_process.ts";
import { denoRun, PROJECT } from "../../support/inspector_cli.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** Runs the program, in which `statement` happens in a timer as soon as it listens to errors. */
async function runWith(statement: string, ...args: string[]) {
  using directory = TempDirectory.create();
  const preload = directory.file("preload.ts");
  Deno.writeTextFileSync(
    preload,
    `const listen = globalThis.addEventListener;
     globalThis.addEventListener = (type: string, ...rest: unknown[]) => {
       Reflect.apply(listen, globalThis, [type, ...rest]);
       if (type === "unhandledrejection") setTimeout(() => { ${statement} }, 0);
     };`,
  );
  const argv = denoRun(join(PROJECT, "src", "main.ts"), "check", ...args);
  argv.splice(argv.indexOf("run") + 1, 0, "--preload", preload);
  const { code, stdout, stderr } = await run(argv);
  return { code, stdout, stderr };
}

const DEFECT = "xdp-inspector: Internal error: a test\n  This is a defect, please report it";

for (
  const statement of [`throw new TypeError("a test");`, `Promise.reject(new TypeError("a test"));`]
) {
  Deno.test(`the program ends with 1 and says that this is a defect after ${statement}`, async () => {
    assert.deepEqual(await runWith(statement), {
      code: 1,
      stdout: "",
      stderr: `${DEFECT}; -v shows where it happened\n`,
    });
  });

  Deno.test(`the program shows the stack with -v after ${statement}`, async () => {
    for (const flag of ["-v", "--verbose"]) {
      const { code, stderr } = await runWith(statement, flag);
      assert.equal(code, 1);
      assert.ok(stderr.startsWith(`${DEFECT}\n  TypeError: a test\n      at `), stderr);
    }
  });
}

Deno.test("the program ends quietly when an event handler finds that nobody reads any more", async () => {
  const statement = `throw new Deno.errors.BrokenPipe("a test");`;
  assert.deepEqual(await runWith(statement, "-v"), { code: 0, stdout: "", stderr: "" });
});
