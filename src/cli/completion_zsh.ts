/**
 * Completion for zsh: The Z Shell Manual, 20.4 (`_arguments`).
 *
 * @module
 */
import { PROGRAM_NAME } from "../core/version.ts";
import { type CompletedCommand, completedCommands, quoted, valueKind } from "./completion_words.ts";
import { type Flag, spellings } from "./flag.ts";
import { HELP_LINE, VERSION_LINE } from "./help.ts";

/** The script, a file for a directory of `$fpath`. */
export function zshCompletion(): string {
  const commands = completedCommands();
  const names = commands.map(({ name, summary }) => [name, summary] as const);
  return `#compdef ${PROGRAM_NAME}
# zsh completion, made by "${PROGRAM_NAME} completion zsh"

_xdp_inspector_interfaces() {
  local -a names
  names=(\${\${(M)\${(f)"$(</proc/net/dev)"}:#*:*}%%:*})
  names=(any \${names// /})
  _sequence compadd - $names
}

_xdp_inspector() {
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

function commandCase({ name, operands, flags }: CompletedCommand): string {
  const specs = [
    ...flags.flatMap(flagSpecs),
    ...switchSpecs(HELP_LINE),
    ...(operands.length === 0 ? [] : [operandSpec("1", "word", operands)]),
  ];
  return `    ${name})
      _arguments -s \\
${lines(specs, "        ")}
      ;;`;
}

function programSpecs(): string[] {
  return [...switchSpecs(HELP_LINE), ...switchSpecs(VERSION_LINE)];
}

/** A flag that excludes everything else. */
function switchSpecs([names, text]: readonly [names: string, text: string]): string[] {
  return names.split(", ").map((name) => quoted(`(- *)${name}[${escaped(text)}]`));
}

function flagSpecs(flag: Flag<unknown>): string[] {
  const action = actionOf(flag);
  const value = action === null ? "" : `:${flag.valueName?.slice(1, -1)}:${action}`;
  return spellings(flag).map((name) => {
    // "-i eth0" and "-ieth0"; "--interface eth0" and "--interface=eth0".
    const join = action === null ? "" : name.startsWith("--") ? "=" : "+";
    return quoted(`*${name}${join}[${escaped(flag.help)}]${value}`);
  });
}

function actionOf(flag: Flag<unknown>): string | null {
  switch (valueKind(flag)) {
    case null:
      return null;
    case "choice":
      return `(${(flag.choices ?? []).join(" ")})`;
    case "path":
      return "_files";
    case "interface":
      return "_xdp_inspector_interfaces";
    case "any":
      return " ";
  }
}

function operandSpec(
  position: string,
  title: string,
  words: readonly (readonly [word: string, text: string])[],
): string {
  const list = words.map(([word, text]) => `${word}\\:"${escaped(text)}"`).join(" ");
  return quoted(`${position}:${title}:((${list}))`);
}

/** For `_arguments`, which gives colons and brackets a meaning. */
function escaped(text: string): string {
  return text.replace(/[[\]:\\"$`]/g, "\\$&");
}

function lines(specs: readonly string[], indent = "    "): string {
  return specs.map((spec) => indent + spec).join(" \\\n");
}
