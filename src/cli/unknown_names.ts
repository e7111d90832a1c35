/**
 * Errors for names that no command has, each with the most likely next step.
 *
 * @module
 */
import { UsageError } from "../core/errors.ts";
import { suggestion } from "../core/near_names.ts";
import { PROGRAM_NAME } from "../core/version.ts";
import type { CommandTexts } from "./command.ts";
import { spellings } from "./flag.ts";
import { HELP_COMMAND, HELP_FLAG, VERSION_FLAG } from "./help.ts";

/** The error for a command that does not exist. */
export function unknownCommand(name: string, commands: readonly CommandTexts[]): UsageError {
  const names = [...commands.map(({ name }) => name), HELP_COMMAND.name];
  return new UsageError(`Unknown command "${name}"`, {
    hint: suggestion(name, names) ?? `Commands: ${names.join(", ")}`,
  });
}

/**
 * The error for a flag that does not exist.
 *
 * @param command the command it was given to; undefined = none yet
 */
export function unknownFlag(
  name: string,
  command: CommandTexts | undefined,
  commands: readonly CommandTexts[],
): UsageError {
  const where = command === undefined ? "" : ` for "${command.name}"`;
  return new UsageError(`Unknown flag "${name}"${where}`, {
    hint: flagHint(name, command, commands),
  });
}

function flagHint(
  name: string,
  command: CommandTexts | undefined,
  commands: readonly CommandTexts[],
): string {
  const instead = command?.missingFlags?.[name];
  if (instead !== undefined) return instead;
  const known = [
    ...command === undefined ? VERSION_FLAG.spellings : spellingsOf(command),
    ...HELP_FLAG.spellings,
  ];
  const near = isLong(name) ? suggestion(name, known.filter(isLong)) : undefined;
  if (near !== undefined) return near;
  if (VERSION_FLAG.spellings.includes(name)) return `Run "${PROGRAM_NAME} --version"`;

  const owners = commands.filter((one) => one !== command && spellingsOf(one).includes(name))
    .map((one) => `"${PROGRAM_NAME} ${one.name}"`);
  const last = owners.pop();
  if (last === undefined) {
    return `See "${[PROGRAM_NAME, command?.name, "--help"].filter(Boolean).join(" ")}"`;
  }
  const all = owners.length === 0 ? last : `${owners.join(", ")} and ${last}`;
  return `"${name}" is a flag of ${all}`;
}

function spellingsOf(command: CommandTexts): string[] {
  return Object.values(command.flags).flatMap(spellings);
}

function isLong(name: string): boolean {
  return name.startsWith("--");
}
