/**
 * The commands of the program, all loaded.
 *
 * @module
 */
import { type Command, type CommandLoaders, loadAll } from "../../src/cli/command.ts";
import { COMMANDS as LOADERS } from "../../src/commands/all.ts";

/** In the order of the help. */
export const COMMANDS: readonly Command[] = await loadAll(LOADERS);

/** Commands as the program takes them. */
export function loadersOf(commands: readonly Command[]): CommandLoaders {
  return new Map(commands.map((command) => [command.name, () => Promise.resolve(command)]));
}
