/** Colour and width of what commands print: on a terminal, and elsewhere. */
import assert from "node:assert/strict";
import { run } from "../../support/child_process.ts";
import { inspector } from "../../support/inspector_cli.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { onTerminal, TERMINAL_COLUMNS, TERMINAL_ENV } from "../../support/pseudo_terminal.ts";

const COMMANDS = {
  // An interface that is not there is a line in bold, whatever else the machine allows.
  check: inspector("check", "-i", "nosuchinterface"),
  stats: inspector("stats", "flows", "-f", fixturePath("complete")),
  // The heading is in bold.
  "record -D": inspector("record", "-D"),
};

for (const [name, argv] of Object.entries(COMMANDS)) {
  const onTty = async (env: Record<string, string>) =>
    (await run(onTerminal(argv), { env: { ...TERMINAL_ENV, ...env } })).stdout;

  Deno.test(`${name} prints bold text to a terminal`, async () => {
    assert.ok((await onTty({})).includes("\x1b[1m"));
  });

  Deno.test(`${name} prints no escape sequence when NO_COLOR is set, or the terminal is dumb`, async () => {
    for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
      const text = await onTty(env);
      assert.ok(text.includes("\r\n"), text);
      assert.ok(!text.includes("\x1b"), text);
    }
  });

  Deno.test(`${name} prints no escape sequence to a pipe`, async () => {
    const { stdout } = await run(argv, { env: TERMINAL_ENV });
    assert.notEqual(stdout, "");
    assert.ok(!stdout.includes("\x1b"), stdout);
  });
}

Deno.test("stats fits the width of the terminal, and not where there is none", async () => {
  const longest = (text: string) =>
    Math.max(...text.split(/\r?\n/).map((line) => [...line].length));
  const env = { ...TERMINAL_ENV, NO_COLOR: "1" };
  const shown = await run(onTerminal(COMMANDS.stats), { env });
  assert.equal(shown.code, 0);
  assert.ok(longest(shown.stdout) <= TERMINAL_COLUMNS, shown.stdout);
  assert.ok(longest((await run(COMMANDS.stats, { env })).stdout) > TERMINAL_COLUMNS);
});
