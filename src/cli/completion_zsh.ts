/**
 * Completion for zsh: The Z Shell Manual, 20.4 (`_arguments`).
 *
 * @module
 */
import { PROGRAM_NAME } from "../core/version.ts";
import type { Word } from "./command.ts";
import { type CompletedCommand, quoted } from "./completion_words.ts";
import { type Completion, type Flag, spellings } from "./flag.ts";
import { HELP_FLAG, type ProgramFlag, VERSION_FLAG } from "./help.ts";

/** How `_arguments` completes a value or a word; undefined where there is nothing to offer. */
const ACTIONS: Readonly<Record<Completion, string | undefined>> = {
  file: "_files",
  directory: "_files -/",
  interface: "_xdp_inspector_interfaces",
  choice: undefined,
  none: undefined,
};

/** The script, a file for a directory of `$fpath`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, summary }) => [name, summary] as const);
  return `#compdef ${PROGRAM_NAME}
# zsh completion, made by "${PROGRAM_NAME} completion zsh"

_xdp_inspector_interfaces() {
  local -a names
  names=(\${\${(M)\${(f)"$(</proc/net/dev)"}:#*:*}%%:*})
  names=(any \${names// /})
  _sequence compadd - $names
}

${commands.flatMap(wordsFunctions).join("")}_xdp_inspector() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C \\
${lines([...programSpecs(), operandSpec("1", "command", names), quoted("*::argument:->rest")])}
  [[ $state == rest ]] || return
  case $line[1] in
${commands.map(commandCase).join("\n")}
  esac
}

if [[ $funcstack[1] == _xdp_inspector || $funcstack[1] == _${PROGRAM_NAME} ]]; then
  _xdp_inspector "$@"
else
  compdef _xdp_inspector ${PROGRAM_NAME}
fi
`;
}

function commandCase(command: CompletedCommand): string {
  const { name, flags } = command;
  const specs = [
    ...flags.flatMap(flagSpecs),
    ...switchSpecs(HELP_FLAG),
    ...operandSpecs(command),
  ];
  return `    ${name})
      _arguments -s \\
${lines(specs, "        ")}
      ;;`;
}

function programSpecs(): string[] {
  return [...switchSpecs(HELP_FLAG), ...switchSpecs(VERSION_FLAG)];
}

/** A flag that excludes everything else. */
function switchSpecs({ spellings, help }: ProgramFlag): string[] {
  return spellings.map((name) => quoted(`(- *)${name}[${escaped(help)}]`));
}

function flagSpecs(flag: Flag<unknown>): string[] {
  const { valueName, completes, choices = [] } = flag;
  const action = completes === "choice" ? `(${choices.join(" ")})` : ACTIONS[completes] ?? " ";
  const value = valueName === undefined ? "" : `:${valueName.slice(1, -1)}:${action}`;
  return spellings(flag).map((name) => {
    // "-i eth0" and "-ieth0"; "--interface eth0" and "--interface=eth0".
    const join = valueName === undefined ? "" : name.startsWith("--") ? "=" : "+";
    return quoted(`*${name}${join}[${escaped(flag.help)}]${value}`);
  });
}

/** Words alone are completed in the first place only; what else may stand there may be repeated. */
function operandSpecs(command: CompletedCommand): string[] {
  const { words, completes } = command;
  if (ACTIONS[completes] !== undefined) return [quoted(`*:word:${wordsFunction(command)}`)];
  return words.length === 0 ? [] : [operandSpec("1", "word", words)];
}

function operandSpec(position: string, title: string, words: readonly Word[]): string {
  const list = words.map(([word, text]) => `${word}\\:"${escaped(text)}"`).join(" ");
  return quoted(`${position}:${title}:((${list}))`);
}

/** Name of the function that offers what may stand behind a command without a flag. */
function wordsFunction({ name }: CompletedCommand): string {
  return `_xdp_inspector_${name}_words`;
}

/** That function, for a command that takes more than words. */
function wordsFunctions(command: CompletedCommand): string[] {
  const action = ACTIONS[command.completes];
  if (action === undefined) return [];
  const words = command.words.map(([word, text]) => `    ${quoted(`${word}:${text}`)}\n`).join("");
  return [`${wordsFunction(command)}() {
  local -a words_of_command
  words_of_command=(
${words}  )
  _describe -t words word words_of_command
  ${action}
}

`];
}

/** For `_arguments`, which gives colons and brackets a meaning. */
function escaped(text: string): string {
  return text.replace(/[[\]:\\"$`]/g, "\\$&");
}

function lines(specs: readonly string[], indent = "    "): string {
  return specs.map((spec) => indent + spec).join(" \\\n");
}
