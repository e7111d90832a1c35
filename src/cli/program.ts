/**
 * Reads a command line: commander finds the flags, the definitions in flags.ts give them meaning.
 *
 * @module
 */
import { CommanderError, Option } from "commander";
import { UsageError } from "../core/errors.ts";
import { PROGRAM_NAME } from "../core/version.ts";
import type { Request } from "./command_line.ts";
import { CommandParser, unknownCommand } from "./command_parser.ts";
import { type Flag, type FlagValues, spellings } from "./flag.ts";
import { COMMANDS, type CommandTexts, RECORD_FLAGS, STATS_FLAGS } from "./flags.ts";
import { commandHelp, programHelp } from "./help.ts";
import { recordOptions } from "./record_options.ts";
import { statsOptions } from "./stats_operands.ts";

/** What the process is connected to, as far as the command line depends on it. */
export interface Terminal {
  readonly stdoutIsTerminal: boolean;
  /** Columns for help texts. */
  readonly width: number;
  /** Text for `--version`. */
  readonly versionText: string;
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
    .version(terminal.versionText, "-V, --version")
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
    refuseOperands(operands);
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
  newParser("help", () => programHelp(terminal.width), program).action((operands: string[]) => {
    request = { command: "print", text: helpFor(operands, terminal.width) };
  });

  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end the parse by an exception, their text having been "written".
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

function refuseOperands(operands: readonly string[]): void {
  const [first] = operands;
  if (first === undefined) return;
  throw new UsageError(`Cannot use "${first}": "record" takes flags only`, {
    hint: first.endsWith(".parquet")
      ? `Name the file with -o: "${PROGRAM_NAME} record -o ${first}"`
      : `Name an interface with -i: "${PROGRAM_NAME} record -i ${first}"`,
  });
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
