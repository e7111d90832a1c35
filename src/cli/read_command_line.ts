/**
 * From arguments to a command and its options.
 *
 * @module
 */
import { UsageError } from "../core/errors.ts";
import { PROGRAM_NAME } from "../core/version.ts";
import { parseArguments, type WrittenFlag } from "./argument_parser.ts";
import type { Command, CommandTexts, FlagSet, Surroundings, Written } from "./command.ts";
import { spellings } from "./flag.ts";
import { commandHelp, HELP_COMMAND, HELP_FLAG, programHelp, VERSION_FLAG } from "./help.ts";
import { unknownCommand, unknownFlag } from "./unknown_names.ts";

/** What the program is to do. */
export type Request =
  | {
    readonly kind: "run";
    readonly command: Command;
    /** What the command made of its flags and words. */
    readonly options: unknown;
    /** Whether to show the causes of errors. */
    readonly verbose: boolean;
  }
  | { readonly kind: "versions" }
  | { readonly kind: "print"; readonly text: string }
  /** Nothing was asked for: the help goes to standard error, and that is a usage error. */
  | { readonly kind: "complain"; readonly text: string };

/**
 * Reads the arguments of the program, without the program's own name. Changes nothing outside.
 *
 * @throws {UsageError} If they cannot be understood.
 */
export function readCommandLine(
  args: readonly string[],
  commands: readonly Command[],
  surroundings: Surroundings,
): Request {
  const help = (): Request => ({
    kind: "print",
    text: programHelp(commands, surroundings.width),
  });
  const switches = [...HELP_FLAG.spellings, ...VERSION_FLAG.spellings];
  for (const part of parseArguments(args, withoutValues(switches))) {
    if (part.kind === "word") {
      const rest = args.slice(part.index + 1);
      if (part.text === HELP_COMMAND.name) return helpRequest(rest, commands, surroundings, help);
      const command = commands.find(({ name }) => name === part.text);
      if (command === undefined) throw unknownCommand(part.text, commands);
      return commandRequest(command, rest, commands, surroundings);
    }
    if (!switches.includes(part.spelling)) throw unknownFlag(part.spelling, undefined, commands);
    refuseValue(part);
    if (HELP_FLAG.spellings.includes(part.spelling)) return help();
    return { kind: "versions" };
  }
  return { kind: "complain", text: programHelp(commands, surroundings.width) };
}

function commandRequest(
  command: Command,
  args: readonly string[],
  commands: readonly Command[],
  surroundings: Surroundings,
): Request {
  const written = readFlags(command, args, commands);
  if (written === "help") {
    return { kind: "print", text: commandHelp(command, surroundings.width) };
  }
  if (command.operands === undefined) refuseWords(command, written.operands);
  const options = command.options(written, surroundings);
  return { kind: "run", command, options, verbose: written.flags["verbose"] === true };
}

/** Reads what follows the name of a command, or finds that its help is wanted. */
function readFlags(
  command: Command,
  args: readonly string[],
  commands: readonly Command[],
): Written<FlagSet> | "help" {
  const names = new Map<string, string>();
  const takesValue = new Map(withoutValues(HELP_FLAG.spellings));
  for (const [name, flag] of Object.entries(command.flags)) {
    for (const spelling of spellings(flag)) {
      names.set(spelling, name);
      takesValue.set(spelling, flag.valueName !== undefined);
    }
  }
  const operands: string[] = [];
  const program: string[] = [];
  const texts = new Map<string, string[]>();
  let wantsHelp = false;
  let unknown: string | undefined;
  for (const part of parseArguments(args, takesValue)) {
    if (part.kind === "word") {
      const isProgram = part.isBehind && command.program !== undefined;
      (isProgram ? program : operands).push(part.text);
      continue;
    }
    const name = names.get(part.spelling);
    if (name !== undefined) {
      const value = checkedValue(part, command, name, takesValue);
      texts.set(name, [...texts.get(name) ?? [], value]);
    } else if (HELP_FLAG.spellings.includes(part.spelling)) wantsHelp = true;
    else unknown ??= part.spelling;
  }
  if (wantsHelp) return "help";
  if (unknown !== undefined) throw unknownFlag(unknown, command, commands);
  const flags = Object.fromEntries(
    Object.entries(command.flags).map(([name, flag]) => [name, flag.read(texts.get(name) ?? [])]),
  );
  const given = new Set(texts.keys());
  return { flags, given, operands, program: program.length === 0 ? null : program };
}

/** @returns the value of a flag that is known; empty for a switch */
function checkedValue(
  written: WrittenFlag,
  command: CommandTexts,
  name: string,
  known: ReadonlyMap<string, boolean>,
): string {
  const { long, short, valueName } = command.flags[name]!;
  const { spelling, value, isAttached } = written;
  if (valueName === undefined) {
    refuseValue(written);
    return "";
  }
  const shown = spelling === short ? long : spelling;
  if (value === undefined) {
    throw new UsageError(`Flag "${shown}" needs a value`, {
      hint: `Write "${shown} ${valueName}"`,
    });
  }
  if (!isAttached && known.has(value)) {
    throw new UsageError(`Flag "${shown}" needs a value, not the flag "${value}"`, {
      hint: `Write "${shown} ${valueName}"`,
    });
  }
  return value;
}

function refuseValue({ spelling, value }: WrittenFlag): void {
  if (value === undefined) return;
  throw new UsageError(`Flag "${spelling}" takes no value`, { hint: `Write "${spelling}" alone` });
}

function refuseWords(command: Command, words: readonly string[]): void {
  const [first] = words;
  if (first === undefined) return;
  const takes = Object.keys(command.flags).length === 0 ? "nothing" : "flags only";
  throw new UsageError(`Cannot use "${first}": "${command.name}" takes ${takes}`, {
    hint: command.wordsHint?.(words) ?? `Run "${PROGRAM_NAME} ${command.name}"`,
  });
}

function helpRequest(
  args: readonly string[],
  commands: readonly Command[],
  { width }: Surroundings,
  help: () => Request,
): Request {
  const words: string[] = [];
  for (const part of parseArguments(args, withoutValues(HELP_FLAG.spellings))) {
    if (part.kind === "word") words.push(part.text);
    else if (HELP_FLAG.spellings.includes(part.spelling)) return help();
    else throw unknownFlag(part.spelling, undefined, commands);
  }
  const [name, extra] = words;
  if (name === undefined || name === HELP_COMMAND.name) return help();
  const command = commands.find((one) => one.name === name);
  if (command === undefined) throw unknownCommand(name, commands);
  if (extra !== undefined) {
    throw new UsageError(`Cannot use "${extra}": "help" takes one command`, {
      hint: `Run "${PROGRAM_NAME} help ${name}"`,
    });
  }
  return { kind: "print", text: commandHelp(command, width) };
}

function withoutValues(names: readonly string[]): ReadonlyMap<string, boolean> {
  return new Map(names.map((name) => [name, false]));
}
