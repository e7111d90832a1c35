/**
 * The `completion` command: makes a shell complete the command line.
 *
 * @module
 */
import { defineCommand } from "../cli/command.ts";
import { completionScript, type Shell, SHELLS } from "../cli/completion.ts";
import { listChoices } from "../cli/flag.ts";
import { EXIT, UsageError } from "../core/errors.ts";
import { suggestion } from "../core/near_names.ts";
import { writeStdout } from "../core/standard_streams.ts";
import { PROGRAM_NAME } from "../core/version.ts";

const PLACES: Readonly<Record<Shell, string>> = {
  bash: "source it in ~/.bashrc",
  zsh: "save it as _xdp-inspector in a directory of $fpath",
  fish: "save it as ~/.config/fish/completions/xdp-inspector.fish",
};

/** The command. */
export const completion = defineCommand({
  name: "completion",
  summary: "print the completion of a shell",
  description: [
    "Prints a script that makes a shell complete commands, flags, values and interfaces.",
  ],
  operands: {
    usage: SHELLS.join("|"),
    title: "Shells",
    words: SHELLS.map((shell) => [shell, PLACES[shell]]),
    completes: "none",
  },
  flags: {},
  examples: [
    { line: "source <(xdp-inspector completion bash)", help: "for this bash" },
  ],
  rights: "none",
  options: ({ operands }) => chosenShell(operands),
  async run(shell, { commands, stdout }) {
    writeStdout(completionScript(shell, await commands()), stdout);
    return EXIT.DONE;
  },
});

function chosenShell([name, extra]: readonly string[]): Shell {
  const hint = `Shells: ${listChoices(SHELLS)}`;
  if (name === undefined) throw new UsageError('"completion" needs the name of a shell', { hint });
  const shell = SHELLS.find((one) => one === name);
  if (shell === undefined) {
    throw new UsageError(`Unknown shell "${name}"`, { hint: suggestion(name, SHELLS) ?? hint });
  }
  if (extra !== undefined) {
    throw new UsageError(`Cannot use "${extra}": "completion" takes one shell`, {
      hint: `Run "${PROGRAM_NAME} completion ${shell}"`,
    });
  }
  return shell;
}
