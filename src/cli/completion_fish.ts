/**
 * Completion for fish: fish documentation, `complete`.
 *
 * @module
 */
import { PROGRAM_NAME } from "../core/version.ts";
import {
  type CompletedCommand,
  completedCommands,
  valueKind,
  type Word,
} from "./completion_words.ts";
import { type Flag, spellings } from "./flag.ts";
import { HELP_LINE, VERSION_LINE } from "./help.ts";

/** True where no command has been given yet. */
const NO_COMMAND = "__fish_use_subcommand";

/** The script. */
export function fishCompletion(): string {
  const commands = completedCommands();
  const lines = [
    complete(null, "-f"),
    ...flagLines(NO_COMMAND, HELP_LINE),
    ...flagLines(NO_COMMAND, VERSION_LINE),
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

function commandLines({ name, operands, flags }: CompletedCommand): string[] {
  const condition = `__fish_seen_subcommand_from ${name}`;
  return [
    ...operands.map((word) => operandLine(condition, word)),
    ...flags.map((flag) =>
      complete(
        condition,
        ...nameOptions(spellings(flag)),
        ...valueOptions(flag),
        describe(flag.help),
      )
    ),
    ...flagLines(condition, HELP_LINE),
  ];
}

function operandLine(condition: string, [word, text]: Word): string {
  return complete(condition, `-a ${quote(word)}`, describe(text));
}

function flagLines(condition: string, [names, text]: Word): string[] {
  return [complete(condition, ...nameOptions(names.split(", ")), describe(text))];
}

function nameOptions(names: readonly string[]): string[] {
  return names.map((name) => name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`);
}

function valueOptions(flag: Flag<unknown>): string[] {
  switch (valueKind(flag)) {
    case null:
      return [];
    case "choice":
      return [`-x -a ${quote((flag.choices ?? []).join(" "))}`];
    case "path":
      return ["-r -F"];
    case "interface":
      return [`-x -a ${quote("(__fish_complete_list , __xdp_inspector_interfaces)")}`];
    case "any":
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
