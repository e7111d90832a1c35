/**
 * Reads a command line: commander finds the flags, the definitions in flags.ts give them meaning.
 *
 * @module
 */
import { CommanderError, Option } from "commander";
import { UsageError } from "../core/errors.ts";
import { suggestion } from "../core/near_names.ts";
import { PROGRAM_NAME } from "../core/version.ts";
import type { Request } from "./command_line.ts";
import { CommandParser, unknownCommand } from "./command_parser.ts";
import { type Flag, type FlagValues, listChoices, spellings } from "./flag.ts";
import { completionScript } from "./completion.ts";
import {
  CHECK_FLAGS,
  COMMANDS,
  type CommandTexts,
  RECORD_FLAGS,
  type Shell,
  SHELLS,
  STATS_FLAGS,
} from "./flags.ts";
import { commandHelp, programHelp } from "./help.ts";
import { manPage } from "./man_page.ts";
import { recordOptions } from "./record_options.ts";
import { statsOptions } from "./stats_operands.ts";

/** What the process is connected to, as far as the command line depends on it. */
export interface Terminal {
  readonly stdoutIsTerminal: boolean;
  /** Columns for help texts. */
  readonly width: number;
}

/**
 * Reads the arguments of the program, without the program's own name. Touches nothing outside.
 *
 * @throws {UsageError} If they cannot be understood.
 */
export function parseCommandLine(args: readonly string[], terminal: Terminal): Request {
  let request: Request | undefined;
  let output = "";
  const program = newParser(PROGRAM_NAME, () => programHelp(terminal.width))
    // The text is made by the command: it asks the system.
    .version(PROGRAM_NAME, "-V, --version")
    // Without this, flags of the program would also be found behind a command.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => output += text,
      writeErr: (text) => output += text,
    });
  const addCommand = (command: CommandTexts) => {
    const parser = newParser(command.name, () => commandHelp(command, terminal.width), program);
    return { parser, texts: collectFlags(parser, command) };
  };

  const record = addCommand(COMMANDS.record);
  record.parser.action((operands: string[]) => {
    refuseOperands("record", operands);
    const values = readFlags(RECORD_FLAGS, record.texts);
    if (values.listInterfaces) {
      const { json, verbose } = values;
      request = { command: "listInterfaces", options: { json }, verbose };
      return;
    }
    request = {
      command: "record",
      options: recordOptions(values, terminal),
      verbose: values.verbose,
    };
  });
  const stats = addCommand(COMMANDS.stats);
  stats.parser.action((operands: string[]) => {
    const values = readFlags(STATS_FLAGS, stats.texts);
    const filesGiven = (stats.texts.get("files") ?? []).length > 0;
    request = {
      command: "stats",
      options: statsOptions(values, operands, filesGiven),
      verbose: values.verbose,
    };
  });
  const check = addCommand(COMMANDS.check);
  check.parser.action((operands: string[]) => {
    refuseOperands("check", operands);
    const { verbose, ...options } = readFlags(CHECK_FLAGS, check.texts);
    request = { command: "check", options, verbose };
  });
  addCommand(COMMANDS.completion).parser.action((operands: string[]) => {
    request = { command: "print", text: completionScript(chosenShell(operands)) };
  });
  addCommand(COMMANDS.man).parser.action((operands: string[]) => {
    refuseOperands("man", operands);
    request = { command: "print", text: manPage() };
  });
  newParser("help", () => programHelp(terminal.width), program).action((operands: string[]) => {
    request = { command: "print", text: helpFor(operands, terminal.width) };
  });

  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end the parse by an exception, their text having been "written".
    if (error.code === "commander.version") return { command: "version" };
    const command = error.code === "commander.help" ? "complain" : "print";
    return { command, text: output };
  }
  if (request === undefined) throw new Error("No action was run for the command line");
  return request;
}

function newParser(name: string, help: () => string, parent?: CommandParser): CommandParser {
  const parser = new CommandParser(name);
  parser
    .helpCommand(false)
    .helpOption("-h, --help")
    .exitOverride()
    .showSuggestionAfterError(false);
  if (parent !== undefined) {
    parser.copyInheritedSettings(parent).argument("[operands...]");
    parent.addCommand(parser);
  }
  // After the inherited settings, which include the parent's help.
  return parser.configureHelp({ formatHelp: help });
}

/** The texts given for each flag, by the flag's name in its set, in the order given. */
type GivenTexts = ReadonlyMap<string, readonly string[]>;

/** Registers the flags of a command; the map fills while commander parses. */
function collectFlags(parser: CommandParser, command: CommandTexts): GivenTexts {
  const known = Object.values(command.flags).flatMap(spellings);
  const texts = new Map<string, string[]>();
  for (const [name, flag] of Object.entries(command.flags)) {
    for (const syntax of commanderSyntax(flag)) {
      const option = new Option(syntax);
      parser.addOption(option);
      // By events, because two options that mean the same must keep their common order.
      parser.on(`option:${option.name()}`, (value?: string) => {
        if (value !== undefined && known.includes(value)) {
          throw new UsageError(`Flag "${flag.long}" needs a value, not the flag "${value}"`, {
            hint: `Write "${flag.long} ${flag.valueName}"`,
          });
        }
        texts.set(name, [...texts.get(name) ?? [], value ?? ""]);
      });
    }
  }
  return texts;
}

/** An option of commander has one short and one long spelling: aliases are options of their own. */
function commanderSyntax(flag: Flag<unknown>): string[] {
  const value = flag.valueName === undefined ? "" : ` <${flag.valueName.slice(1, -1)}>`;
  const main = flag.short === undefined ? flag.long : `${flag.short}, ${flag.long}`;
  return [main, ...flag.aliases].map((names) => names + value);
}

function readFlags<Flags extends Readonly<Record<string, Flag<unknown>>>>(
  flags: Flags,
  texts: GivenTexts,
): FlagValues<Flags> {
  const values = Object.entries(flags).map((
    [name, flag],
  ) => [name, flag.read(texts.get(name) ?? [])]);
  return Object.fromEntries(values);
}

function refuseOperands(command: "record" | "check" | "man", operands: readonly string[]): void {
  const [first] = operands;
  if (first === undefined) return;
  if (command === "man") {
    throw new UsageError(`Cannot use "${first}": "man" takes nothing`, {
      hint: `Run "${PROGRAM_NAME} man"`,
    });
  }
  throw new UsageError(`Cannot use "${first}": "${command}" takes flags only`, {
    hint: first.endsWith(".parquet")
      ? `Name the file with -o: "${PROGRAM_NAME} ${command} -o ${first}"`
      : `Name an interface with -i: "${PROGRAM_NAME} ${command} -i ${first}"`,
  });
}

function chosenShell(operands: readonly string[]): Shell {
  const [name, extra] = operands;
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

function helpFor(operands: readonly string[], width: number): string {
  const [name, extra] = operands;
  if (name === undefined || name === "help") return programHelp(width);
  const command: CommandTexts | undefined = Object.values(COMMANDS).find((one) =>
    one.name === name
  );
  if (command === undefined) throw unknownCommand(name);
  if (extra !== undefined && extra !== "") {
    throw new UsageError(`Cannot use "${extra}": "help" takes one command`, {
      hint: `Run "${PROGRAM_NAME} help ${name}"`,
    });
  }
  return commandHelp(command, width);
}
