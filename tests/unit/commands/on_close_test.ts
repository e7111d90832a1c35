import assert from "node:assert/strict";
import { OnClose } from "../../../src/commands/record/on_close.ts";
import { PROJECT } from "../../support/inspector_cli.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** A command that runs a script, and what was complained of. */
function onClose(directory: TempDirectory, script: string) {
  const said: string[] = [];
  const path = directory.file("script");
  Deno.writeTextFileSync(path, script);
  const command = `LOG='${directory.file("log")}' sh ${path} first`;
  return { said, command, close: new OnClose(command, (text) => said.push(text)) };
}

function logOf(directory: TempDirectory): string[] {
  return Deno.readTextFileSync(directory.file("log")).trimEnd().split("\n");
}

Deno.test("OnClose runs a command for one file after the other, with the path as its last word", async () => {
  using directory = TempDirectory.create();
  // The sooner a file comes, the longer it takes.
  const { said, close } = onClose(
    directory,
    'echo "begin $#: $1, $2" >> "$LOG"; case "$2" in *1) sleep 0.3;; esac; echo "end $2" >> "$LOG"',
  );
  const paths = ["/a b/$(id) '1", "/2", "-3"];
  for (const path of paths) close.run(path);
  await close.done;
  assert.deepEqual(
    logOf(directory),
    paths.flatMap((path) => [`begin 2: first, ${path}`, `end ${path}`]),
  );
  assert.deepEqual(said, []);
});

Deno.test("OnClose says for which file the command has failed, and goes on", async () => {
  using directory = TempDirectory.create();
  const { said, command, close } = onClose(directory, 'echo "$2" >> "$LOG"; test "$2" != /1');
  close.run("/1");
  close.run("/2");
  await close.done;
  assert.deepEqual(said, [`"${command}" for "/1" ended with 1`]);
  assert.deepEqual(logOf(directory), ["/1", "/2"]);
});

Deno.test("OnClose says when no command can be run", async () => {
  const said: string[] = [];
  const close = new OnClose("true", (text) => said.push(text));
  const { Command } = Deno;
  Deno.Command = class {
    spawn() {
      throw new Error("a test");
    }
  } as unknown as typeof Deno.Command;
  try {
    close.run("/1");
    await close.done;
  } finally {
    Deno.Command = Command;
  }
  assert.deepEqual(said, ['Cannot run "true" for "/1": a test']);
});

Deno.test("OnClose keeps the command from the input and the output of the recording", async () => {
  const script = `import { OnClose } from "./src/commands/record/on_close.ts";
    const close = new OnClose("cat >&2; echo out; echo err >&2; true", () => {});
    close.run("/1");
    await close.done;`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    cwd: PROJECT,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("typed"));
  await writer.close();
  const { stdout, stderr } = await child.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.deepEqual([out, err], ["", "err\n"]);
});
