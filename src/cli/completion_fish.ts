/**
 * Completion for fish: fish documentation, `complete`.
 *
 * @module
 */
import { PROGRAM_NAME } from "../core/version.ts";
import type { Word } from "./command.ts";
import type { CompletedCommand } from "./completion_words.ts";
import { type Completion, type Flag, spellings } from "./flag.ts";
import { HELP_FLAG, type ProgramFlag, VERSION_FLAG } from "./help.ts";

/** True where no command has been given yet. */
const NO_COMMAND = "__fish_use_subcommand";

const DIRECTORIES = "(__fish_complete_directories)";
const INTERFACES = "(__fish_complete_list , __xdp_inspector_interfaces)";

/** Options that offer what can stand without a flag, beside words. */
const OPERANDS: Readonly<Record<Completion, readonly string[]>> = {
  file: ["-F"],
  directory: [`-a ${quote(DIRECTORIES)}`],
  interface: [`-a ${quote(INTERFACES)}`],
  choice: [],
  none: [],
};

/** The script. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const lines = [
    complete(null, "-f"),
    flagLine(NO_COMMAND, HELP_FLAG),
    flagLine(NO_COMMAND, VERSION_FLAG),
    ...commands.map(({ name, summary }) => operandLine(NO_COMMAND, [name, summary])),
    ...commands.flatMap(commandLines),
  ];
  return `# fish completion, made by "${PROGRAM_NAME} completion fish"

function __xdp_inspector_interfaces
    echo any
    string replace -rf '^\\s*([^:]+):.*' '$1' </proc/net/dev
end

${lines.join("\n")}
`;
}

function commandLines({ name, words, completes, flags }: CompletedCommand): string[] {
  const condition = `__fish_seen_subcommand_from ${name}`;
  return [
    ...words.map((word) => operandLine(condition, word)),
    ...OPERANDS[completes].map((options) => complete(condition, options)),
    ...flags.map((flag) =>
      complete(
        condition,
        ...nameOptions(spellings(flag)),
        ...valueOptions(flag),
        describe(flag.help),
      )
    ),
    flagLine(condition, HELP_FLAG),
  ];
}

function operandLine(condition: string, [word, text]: Word): string {
  return complete(condition, `-a ${quote(word)}`, describe(text));
}

function flagLine(condition: string, { spellings, help }: ProgramFlag): string {
  return complete(condition, ...nameOptions(spellings), describe(help));
}

function nameOptions(names: readonly string[]): string[] {
  return names.map((name) => name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`);
}

function valueOptions({ valueName, completes, choices = [] }: Flag<unknown>): string[] {
  if (valueName === undefined) return [];
  switch (completes) {
    case "choice":
      return [`-x -a ${quote(choices.join(" "))}`];
    case "file":
      return ["-r -F"];
    case "directory":
      return [`-x -a ${quote(DIRECTORIES)}`];
    case "interface":
      return [`-x -a ${quote(INTERFACES)}`];
    case "none":
      return ["-x"];
  }
}

function complete(condition: string | null, ...options: readonly string[]): string {
  const when = condition === null ? [] : [`-n ${quote(condition)}`];
  return [`complete -c ${PROGRAM_NAME}`, ...when, ...options].join(" ");
}

function describe(text: string): string {
  return `-d ${quote(text)}`;
}

/** A text as one word of fish, which knows two escapes between single quotes. */
function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
