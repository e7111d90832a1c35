/**
 * commander's parser with this program's own messages.
 *
 * @module
 */
import { Command } from "commander";
import { UsageError } from "../core/errors.ts";
import { suggestion } from "../core/near_names.ts";
import { PROGRAM_NAME } from "../core/version.ts";
import { type Flag, spellings } from "./flag.ts";
import { COMMANDS, type CommandTexts } from "./flags.ts";

/** A command whose mistakes become a {@linkcode UsageError} instead of text and exit. */
export class CommandParser extends Command {
  override createCommand(name?: string): CommandParser {
    return new CommandParser(name);
  }

  /** Called by commander for every mistake, with a code that names its kind. */
  override error(message: string, options?: { code?: string }): never {
    // commander has the value in question only inside its message, between the outer quotes.
    const value = /'(.*)'/s.exec(message)?.[1] ?? "";
    const command = Object.values(COMMANDS).find(({ name }) => name === this.name());
    switch (options?.code) {
      case "commander.unknownOption":
        throw unknownFlag(value, command);
      case "commander.optionMissingArgument":
        throw new UsageError(`Flag "${longSpelling(value)}" needs a value`, {
          hint: `Write "${value.replace(/^-., /, "")}"`,
        });
      case "commander.unknownCommand":
        throw unknownCommand(value);
      default:
        throw new UsageError(message.replace(/^error: /, ""));
    }
  }
}

/** The error for a command that does not exist. */
export function unknownCommand(name: string): UsageError {
  const names = [...Object.keys(COMMANDS), "help"];
  return new UsageError(`Unknown command "${name}"`, {
    hint: suggestion(name, names) ?? `Commands: ${names.join(", ")}`,
  });
}

function unknownFlag(text: string, command: CommandTexts | undefined): UsageError {
  const [name = text] = text.split("=", 1);
  const flags: readonly Flag<unknown>[] = Object.values(command?.flags ?? {});
  if (flags.some((flag) => spellings(flag).includes(name))) {
    return new UsageError(`Flag "${name}" takes no value`, { hint: `Write "${name}" alone` });
  }
  const where = command === undefined ? "" : ` for "${command.name}"`;
  return new UsageError(`Unknown flag "${name}"${where}`, { hint: flagHint(name, command, flags) });
}

function flagHint(
  name: string,
  command: CommandTexts | undefined,
  flags: readonly Flag<unknown>[],
): string {
  const help = `See "${[PROGRAM_NAME, command?.name, "--help"].filter(Boolean).join(" ")}"`;
  const everywhere = command === undefined ? ["--help", "--version"] : ["--help"];
  const near = suggestion(name, [...flags.flatMap(spellings), ...everywhere].filter(isLong));
  if (isLong(name) && near !== undefined) return near;
  if (name === "--version" || name === "-V") return `Run "${PROGRAM_NAME} --version"`;

  const owners: CommandTexts[] = Object.values(COMMANDS).filter((candidate: CommandTexts) =>
    candidate !== command && Object.values(candidate.flags).flatMap(spellings).includes(name)
  );
  const [last, ...others] = owners.map(({ name }) => `"${PROGRAM_NAME} ${name}"`).reverse();
  if (last === undefined) return help;
  const owner = others.length === 0 ? last : `${others.reverse().join(", ")} and ${last}`;
  return `"${name}" is a flag of ${owner}`;
}

function isLong(name: string): boolean {
  return name.startsWith("--");
}

/** `--output` out of commander's `-o, --output <path>`. */
function longSpelling(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}
