/**
 * Golden texts that need no recording: completions, the help of every command, the manual
 * page, the findings of `check`, screens of `live`.
 *
 * @module
 */
import { join } from "node:path";
import { completionScript, SHELLS } from "../../src/cli/completion.ts";
import { manPage } from "../../src/cli/man_page.ts";
import { commandHelp } from "../../src/cli/help.ts";
import { COMMANDS } from "./commands.ts";
import { VERSION } from "../../src/core/version.ts";
import { judge } from "../../src/preflight/judge.ts";
import { renderCheckJson, renderCheckLines } from "../../src/render/check_list.ts";
import { GOLDEN } from "./golden.ts";
import { liveScreens } from "./live_screens.ts";
import { goodMachine, poorMachine } from "./preflight_facts.ts";

/** Directory of the golden texts. */
export const CLI_GOLDEN = join(GOLDEN, "cli");

export interface CliGoldenCase {
  readonly file: string;
  readonly text: string;
}

/** Every case; no two share a file. */
export function cliGoldenCases(): CliGoldenCase[] {
  return [
    ...SHELLS.map((shell) => ({
      file: `completion.${shell}.txt`,
      text: completionScript(shell, COMMANDS),
    })),
    // The version is a fact of its own: a release changes no golden text.
    {
      file: "man.txt",
      text: manPage(COMMANDS).replace(`xdp-inspector ${VERSION}`, "xdp-inspector 0.0.0"),
    },
    ...COMMANDS.map((command) => ({
      file: `help.${command.name}.txt`,
      text: commandHelp(command, 80),
    })),
    ...liveScreens(),
    { file: "check.good.txt", text: renderCheckLines(judge(goodMachine()), false) },
    { file: "check.poor.txt", text: renderCheckLines(judge(poorMachine()), false) },
    { file: "check.poor.json.txt", text: renderCheckJson(judge(poorMachine())) },
  ];
}
