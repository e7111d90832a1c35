import assert from "node:assert/strict";
import { ffiModule, runText } from "./subprocess.ts";

function supportModule(name: string): string {
  return new URL(`../../support/${name}`, import.meta.url).href;
}

/** Runs `text` in a process that may have 64 descriptors open, and could have 80. */
function limited(text: string): unknown {
  const { code, stdout, stderr } = runText(
    `
    import { descriptorLimit, hasSpareDescriptors, raiseDescriptorLimit } from "${
      ffiModule("linux/descriptor_limit.ts")
    }";
    import { openDescriptors } from "${supportModule("open_descriptors.ts")}";
    // The runtime has raised the soft limit already.
    new Deno.Command("prlimit", { args: ["--pid", String(Deno.pid), "--nofile=64:80"] })
      .outputSync();
    const report = [];
    ${text}
    console.log(JSON.stringify(report));
    `,
    ["-A"],
  );
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("raiseDescriptorLimit() raises the soft limit to the hard one and says which", () => {
  assert.deepEqual(
    limited("report.push(descriptorLimit(), raiseDescriptorLimit(), descriptorLimit());"),
    [64, 80, 80],
  );
});

Deno.test("hasSpareDescriptors() says whether so many can be opened, and keeps none open", () => {
  assert.deepEqual(
    limited(`
      // Of the kind that it opens: of others the runtime may open and close some at any time.
      const count = () => openDescriptors(/eventfd/).length;
      const before = count();
      report.push(hasSpareDescriptors(10), hasSpareDescriptors(70), count() === before);
    `),
    [true, false, true],
  );
});
