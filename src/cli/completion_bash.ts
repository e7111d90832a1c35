/**
 * Completion for bash: Bash Reference Manual, 8.6.
 *
 * @module
 */
import { PROGRAM_NAME } from "../core/version.ts";
import { completedCommands, longSpellings, quoted, valueKind } from "./completion_words.ts";
import { type Flag, spellings } from "./flag.ts";
import { HELP_LINE, VERSION_LINE } from "./help.ts";

/** The script. */
export function bashCompletion(): string {
  const commands = completedCommands();
  const help = longNames(HELP_LINE);
  const first = [...commands.map(({ name }) => name), ...help, ...longNames(VERSION_LINE)];
  const values = commands.flatMap(({ name, flags }) =>
    flags.flatMap((flag) => valueCase(name, flag))
  );
  const words = commands.map(({ name, operands, flags }) => {
    const all = [...operands.map(([word]) => word), ...flags.flatMap(longSpellings), ...help];
    return `    ${name}) words=${quoted(all.join(" "))} ;;`;
  });
  return HEAD + values.map((line) => `${line}\n`).join("") +
    `  esac
  case $command in
    '') words=${quoted(first.join(" "))} ;;
${words.join("\n")}
    *) return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
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

_xdp_inspector() {
  local cur=\${COMP_WORDS[COMP_CWORD]} flag=\${COMP_WORDS[COMP_CWORD-1]} command= words=
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

function valueCase(command: string, flag: Flag<unknown>): string[] {
  const kind = valueKind(flag);
  if (kind === null) return [];
  const pattern = spellings(flag).map((name) => quoted(`${command} ${name}`)).join(" | ");
  return [`    ${pattern})`, ...valueLines(kind, flag), "      return", "      ;;"];
}

function valueLines(
  kind: NonNullable<ReturnType<typeof valueKind>>,
  flag: Flag<unknown>,
): string[] {
  switch (kind) {
    case "choice":
      return [
        `      COMPREPLY=($(compgen -W ${quoted((flag.choices ?? []).join(" "))} -- "$cur"))`,
      ];
    case "interface":
      return ['      _xdp_inspector_interfaces "$cur"'];
    case "path":
      // Fails, without harm, where the function is called by something else than a completion.
      return [
        "      compopt -o filenames 2>/dev/null",
        '      mapfile -t COMPREPLY < <(compgen -f -- "$cur")',
      ];
    case "any":
      return [];
  }
}

function longNames([names]: readonly [names: string, text: string]): string[] {
  return names.split(", ").filter((name) => name.startsWith("--"));
}
