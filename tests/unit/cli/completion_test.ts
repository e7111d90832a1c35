import assert from "node:assert/strict";
import { completionScript, SHELLS } from "../../../src/cli/completion.ts";
import { spellings } from "../../../src/cli/flag.ts";
import { interfaceNames } from "../../../src/core/interfaces.ts";
import { run } from "../../support/child_process.ts";
import { REPORTS } from "../../../src/reports/all.ts";
import { TempDirectory } from "../../support/temp_directory.ts";
import { COMMANDS } from "../../support/commands.ts";
import { commandOf, printed, refuses } from "./parsing.ts";

/** Sources the script, finds its function as bash does, calls it, and prints what it offers. */
const COMPLETE = `
source "$1"; shift
specification=$(complete -p xdp-inspector) || exit 1
function=\${specification#*-F }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
"\${function%% *}" xdp-inspector "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
((\${#COMPREPLY[@]} == 0)) || printf '%s\\n' "\${COMPREPLY[@]}"
`;

/** What bash offers for the last of the words behind the program's name. */
async function offered(words: readonly string[], cwd?: string): Promise<string[]> {
  using directory = TempDirectory.create();
  const script = directory.file("completion.bash");
  Deno.writeTextFileSync(script, completionScript("bash", COMMANDS));
  const argv = ["bash", "--norc", "-c", COMPLETE, "bash", script, "xdp-inspector", ...words];
  const { code, stdout, stderr } = await run(argv, cwd === undefined ? {} : { cwd });
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout.split("\n").slice(0, -1);
}

Deno.test("bash completes commands and the flags of the program", async () => {
  const commands = [...COMMANDS.map(({ name }) => name), "help"];
  assert.deepEqual(await offered([""]), [...commands, "--help", "--version"]);
  assert.deepEqual(await offered(["re"]), ["record", "report", "recover"]);
  assert.deepEqual(await offered(["no-such-command", ""]), []);
});

Deno.test("bash completes every long flag of every command", async () => {
  for (const { name, flags } of COMMANDS) {
    const expected = Object.values(flags).flatMap(spellings).filter((one) => one.startsWith("--"));
    assert.deepEqual((await offered([name, "--"])).sort(), [...expected, "--help"].sort());
  }
});

Deno.test("bash completes the words of a value, behind a space and behind an equals sign", async () => {
  assert.deepEqual(await offered(["record", "--mode", ""]), ["auto", "native", "generic", "tc"]);
  assert.deepEqual(await offered(["record", "-Q", "in"]), ["in", "inout"]);
  assert.deepEqual(await offered(["stats", "--format", "="]), [
    ...commandOf("stats").flags["format"]?.choices ?? [],
  ]);
  assert.deepEqual(await offered(["stats", "--format", "=", "c"]), ["csv"]);
});

Deno.test("bash offers nothing for a value that can be anything", async () => {
  assert.deepEqual(await offered(["record", "--duration", ""]), []);
  assert.deepEqual(await offered(["record", "-d", "3"]), []);
});

Deno.test("bash completes interfaces, also behind a comma", async () => {
  const names = interfaceNames();
  assert.deepEqual((await offered(["record", "-i", ""])).sort(), ["any", ...names].sort());
  assert.deepEqual(
    await offered(["check", "--interface", "l"]),
    names.filter((one) => /^l/.test(one)),
  );
  const more = await offered(["record", "-i", "eth7,l"]);
  assert(more.includes("eth7,lo"), more.join());
});

Deno.test("bash completes files and directories where a path is wanted", async () => {
  using directory = TempDirectory.create();
  Deno.writeTextFileSync(directory.file("one two.parquet"), "");
  Deno.mkdirSync(directory.file("others"));
  for (
    const words of [["stats", "-f"], ["stats", "--read"], ["record", "-w"], ["check", "-o"], [
      "stats",
    ]]
  ) {
    const files = await offered([...words, "o"], directory.path);
    assert.deepEqual(files.sort(), ["one two.parquet", "others"]);
  }
});

Deno.test("bash completes reports, shells and the commands behind help", async () => {
  using empty = TempDirectory.create();
  const names = REPORTS.map(({ name }) => name).filter((name) => name.startsWith("t"));
  assert(names.includes("top") && names.includes("traffic"));
  assert.deepEqual(await offered(["stats", "t"], empty.path), names);
  assert.deepEqual(await offered(["completion", ""]), [...SHELLS, "--help"]);
  assert.deepEqual(await offered(["help", "st"]), ["stats"]);
});

Deno.test("completionScript() knows every command and every spelling of every flag", () => {
  for (const { name, flags } of COMMANDS) {
    for (const flag of Object.values(flags)) {
      for (const spelling of spellings(flag)) {
        const bare = spelling.replace(/^-+/, "");
        const zsh = completionScript("zsh", COMMANDS);
        assert.match(zsh, new RegExp(`'\\*${spelling}[=+]?\\[`), `${name} ${spelling}`);
        const fish = completionScript("fish", COMMANDS).split("\n")
          .filter((line) => line.includes(`__fish_seen_subcommand_from ${name}'`));
        const option = spelling.startsWith("--") ? `-l ${bare} ` : `-s ${bare} `;
        assert(fish.some((line) => line.includes(option)), `${name} ${spelling}`);
      }
    }
  }
});

Deno.test("completion needs one shell that it knows", () => {
  const shells = 'Shells: "bash", "zsh" or "fish"';
  refuses(["completion"], '"completion" needs the name of a shell', shells);
  refuses(["completion", "powershell"], 'Unknown shell "powershell"', shells);
  refuses(["completion", "zhs"], 'Unknown shell "zhs"', 'Did you mean "zsh"?');
  refuses(
    ["completion", "zsh", "fish"],
    'Cannot use "fish": "completion" takes one shell',
    'Run "xdp-inspector completion zsh"',
  );
});

Deno.test("completion prints the script of the shell", async () => {
  for (const shell of SHELLS) {
    assert.equal(await printed(["completion", shell]), completionScript(shell, COMMANDS));
  }
});
