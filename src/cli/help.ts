/**
 * The help texts: pure functions of the commands and a width.
 *
 * @module
 */
import { EXIT } from "../core/errors.ts";
import { PROGRAM_NAME } from "../core/version.ts";
import type { Flag } from "./flag.ts";
import type { CommandTexts, Example, WordDetails } from "./command.ts";

const MIN_WIDTH = 40;
/** Longer lines are hard to read, however wide the terminal. */
const MAX_WIDTH = 100;
/** Names longer than this get a line of their own; on narrow terminals nearly all do. */
const MAX_NAME_WIDTH = 24;
const MAX_NAME_WIDTH_NARROW = 6;
const NARROW = 60;

/** Defaults that go without saying. */
const NO_DEFAULT: readonly string[] = ["none", "off"];

/** A switch that is no command's own. */
export interface ProgramFlag {
  readonly spellings: readonly string[];
  readonly help: string;
}

/** The flag that every command has. */
export const HELP_FLAG: ProgramFlag = { spellings: ["-h", "--help"], help: "print this help" };

/** The command that is about the others. */
export const HELP_COMMAND = { name: "help", summary: "print the help of a command" } as const;

/** The flag that only the program has. */
export const VERSION_FLAG: ProgramFlag = {
  spellings: ["-V", "--version"],
  help: "print the versions of all parts",
};

/** What each exit code means, as shown in help and documentation. */
export const EXIT_CODE_TEXTS = [
  [EXIT.DONE, "done, also when a limit or a signal ended the recording"],
  [EXIT.FAILURE, "failure at run time: interface, file, disk"],
  [EXIT.USAGE, "the command line cannot be understood"],
  [EXIT.UNSUPPORTED, "a privilege, kernel feature or library is missing"],
  [EXIT.INTERRUPTED, "left at once by a second interrupt; no file was written"],
] as const;

/** What the program is. */
export const PROGRAM_SUMMARY =
  "Records network traffic with eBPF into Parquet files, and reports on them.";

/** Help of the whole program. */
export function programHelp(commands: readonly CommandTexts[], width: number): string {
  const summaries = [...commands, HELP_COMMAND].map(({ name, summary }) =>
    [name, summary] as const
  );
  const first = commands.filter(({ isFirstChoice }) => isFirstChoice);
  return render(width, [
    paragraph(PROGRAM_SUMMARY),
    section("Usage", [`${PROGRAM_NAME} <command> [flags]`]),
    rows("Commands", summaries),
    rows("Flags", [programFlagLine(HELP_FLAG), programFlagLine(VERSION_FLAG)]),
    examples(first.flatMap((command) => command.examples.slice(0, 1))),
    rows("Exit codes", exitCodes()),
    paragraph(`"${PROGRAM_NAME} help <command>" shows the flags of a command.`),
  ]);
}

/** Help of one command. */
export function commandHelp(command: CommandTexts, width: number): string {
  const { operands } = command;
  const flags = Object.values(command.flags).map((flag) =>
    [
      // Long names stand below each other, also where there is no short one.
      flag.short === undefined ? `    ${flagNames(flag)}` : flagNames(flag),
      flagText(flag),
    ] as const
  );
  return render(width, [
    ...command.description.map(paragraph),
    section("Usage", [usageLine(command)]),
    ...(operands === undefined || operands.words.length === 0
      ? []
      : [rows(operands.title, operands.words)]),
    ...detailRows(operands?.details ?? []),
    rows("Flags", [...flags, programFlagLine(HELP_FLAG)]),
    examples(command.examples),
    rows("Exit codes", exitCodes()),
  ]);
}

/** How a command is written: `xdp-inspector stats [summary|top] [flags]`. */
export function usageLine({ name, operands, program, flags }: CommandTexts): string {
  const words = [PROGRAM_NAME, name];
  if (operands !== undefined) words.push(operands.usage);
  if (Object.keys(flags).length > 0) words.push("[flags]");
  if (program !== undefined) words.push(program);
  return words.join(" ");
}

/** The spellings of a switch of the program, and what it does. */
export function programFlagLine({ spellings, help }: ProgramFlag): readonly [string, string] {
  return [spellings.join(", "), help];
}

/** The spellings of a flag that are shown first, and its value: `-o, --output <path>`. */
export function flagNames(flag: Flag<unknown>): string {
  const value = flag.valueName === undefined ? "" : ` ${flag.valueName}`;
  return `${flag.short === undefined ? "" : `${flag.short}, `}${flag.long}${value}`;
}

/** The values that a flag takes for a word, the default marked: `source (default), host`. */
export function choiceText(
  { flag, values, isDefault }: WordDetails["choices"][number],
): string {
  const texts = values.map((value) => value === isDefault ? `${value} (default)` : value);
  const isElsewhere = isDefault === null || values.includes(isDefault);
  return `${flag} ${texts.join(", ")}${isElsewhere ? "" : ` [default: ${isDefault}]`}`;
}

/** A part of a help text, laid out for a width. */
type Block = (width: number) => string[];

function render(width: number, blocks: readonly Block[]): string {
  const columns = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width));
  return blocks.map((block) => block(columns).join("\n")).join("\n\n") + "\n";
}

function paragraph(text: string): Block {
  return (width) => wrap(text, width);
}

function section(title: string, lines: readonly string[]): Block {
  return () => [`${title}:`, ...lines.map((line) => `  ${line}`)];
}

function rows(title: string, pairs: readonly (readonly [name: string, text: string])[]): Block {
  return (width) => {
    const maximum = width < NARROW ? MAX_NAME_WIDTH_NARROW : MAX_NAME_WIDTH;
    const column = Math.min(maximum, Math.max(...pairs.map(([name]) => name.length))) + 4;
    const lines = pairs.flatMap(([name, text]) => row(name, wrap(text, width - column), column));
    return [`${title}:`, ...lines];
  };
}

function detailRows(details: readonly WordDetails[]): Block[] {
  const pairs = details.flatMap(({ word, choices }) =>
    choices.map((choice, index) => [index === 0 ? word : "", choiceText(choice)] as const)
  );
  return pairs.length === 0 ? [] : [rows("What they can be asked for", pairs)];
}

/** The command lines are not wrapped: they are there to be copied. */
function examples(list: readonly Example[]): Block {
  return (width) => [
    "Examples:",
    ...list.flatMap(({ line, help }) => [
      `  ${line}`,
      ...wrap(help, width - 6).map((text) => `      ${text}`),
    ]),
  ];
}

function row(name: string, lines: readonly string[], column: number): string[] {
  const start = `  ${name}`.padEnd(column);
  const indented = lines.map((line) => " ".repeat(column) + line);
  if (start.length > column) return [start, ...indented];
  const [first = "", ...rest] = indented;
  return [start + first.slice(column), ...rest];
}

function exitCodes(): [string, string][] {
  return EXIT_CODE_TEXTS.map(([code, text]) => [String(code), text]);
}

/** What a flag does, its other spellings and its default. */
export function flagText(flag: Flag<unknown>): string {
  const also = flag.aliases.length === 0 ? "" : ` (also ${flag.aliases.join(", ")})`;
  const fallback = NO_DEFAULT.includes(flag.defaultText) ? "" : ` [default: ${flag.defaultText}]`;
  return `${flag.help}${also}${fallback}`;
}

/** Breaks text between words into lines of at most `width` columns, where words allow it. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
