/**
 * Completion for bash: Bash Reference Manual, 8.6.
 *
 * @module
 */
import { PROGRAM_NAME } from "../core/version.ts";
import { type CompletedCommand, longFlags, longSpellings, quoted } from "./completion_words.ts";
import { type Completion, type Flag, spellings } from "./flag.ts";
import { HELP_FLAG, VERSION_FLAG } from "./help.ts";

/** The script. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const help = longSpellings(HELP_FLAG.spellings);
  const version = longSpellings(VERSION_FLAG.spellings);
  const first = [...commands.map(({ name }) => name), ...help, ...version];
  const values = commands.flatMap(({ name, flags }) =>
    flags.flatMap((flag) => valueCase(name, flag))
  );
  const words = commands.map((command) => {
    const all = [...command.words.map(([word]) => word), ...longFlags(command), ...help];
    return `    ${command.name}) words=${quoted(all.join(" "))}${OPERANDS[command.completes]} ;;`;
  });
  return HEAD + values.map((line) => `${line}\n`).join("") +
    `  esac
  case $command in
    '') words=${quoted(first.join(" "))} ;;
${words.join("\n")}
    *) return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ -z $also ]] || "$also" "$cur"
}

complete -F _xdp_inspector ${PROGRAM_NAME}
`;
}

/** The names come from outside: they are never expanded, and quoted where they mean something. */
const HEAD = `# bash completion, made by "${PROGRAM_NAME} completion bash"

_xdp_inspector_interfaces() {
  local cur=$1 before= line name
  [[ $cur == *,* ]] && before=\${cur%,*},
  [[ any == "$cur"* ]] && COMPREPLY+=(any)
  while IFS= read -r line; do
    [[ $line == *:* ]] || continue
    name=\${line%%:*}
    name=$before\${name##* }
    [[ $name == "$cur"* ]] || continue
    [[ $name == *[!A-Za-z0-9_.,-]* ]] && printf -v name %q "$name"
    COMPREPLY+=("$name")
  done </proc/net/dev
}

_xdp_inspector_files() {
  local names
  # Fails, without harm, where this is called by something else than a completion.
  compopt -o filenames 2>/dev/null
  mapfile -t names < <(compgen -f -- "$1")
  COMPREPLY+=("\${names[@]}")
}

_xdp_inspector_directories() {
  local names
  compopt -o filenames 2>/dev/null
  mapfile -t names < <(compgen -d -- "$1")
  COMPREPLY+=("\${names[@]}")
}

_xdp_inspector() {
  local cur=\${COMP_WORDS[COMP_CWORD]} flag=\${COMP_WORDS[COMP_CWORD-1]} command= words= also=
  COMPREPLY=()
  ((COMP_CWORD > 1)) && command=\${COMP_WORDS[1]}
  # "--mode=native" is three words, because "=" is in COMP_WORDBREAKS.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $flag == = ]] && ((COMP_CWORD > 2)); then
    flag=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case "$command $flag" in
`;

/** What is offered beside the words of a command: a function, as the functions above. */
const OPERANDS: Readonly<Record<Completion, string>> = {
  file: " also=_xdp_inspector_files",
  directory: " also=_xdp_inspector_directories",
  interface: " also=_xdp_inspector_interfaces",
  choice: "",
  none: "",
};

function valueCase(command: string, flag: Flag<unknown>): string[] {
  if (flag.valueName === undefined) return [];
  const pattern = spellings(flag).map((name) => quoted(`${command} ${name}`)).join(" | ");
  return [`    ${pattern})`, ...valueLines(flag), "      return", "      ;;"];
}

function valueLines({ completes, choices = [] }: Flag<unknown>): string[] {
  switch (completes) {
    case "choice":
      return [`      COMPREPLY=($(compgen -W ${quoted(choices.join(" "))} -- "$cur"))`];
    case "interface":
      return ['      _xdp_inspector_interfaces "$cur"'];
    case "file":
      return ['      _xdp_inspector_files "$cur"'];
    case "directory":
      return ['      _xdp_inspector_directories "$cur"'];
    case "none":
      return [];
  }
}
