/**
 * All commands, in the order of the help. Each is a file beside this one; what it needs when it runs
 * is in the directory of its name, and loaded then.
 *
 * @module
 */
import type { Command, CommandLoaders } from "../cli/command.ts";

/**
 * The list that parser, help, completions, manual page and REFERENCE.md follow. Paths of imports are literals,
 * because `deno compile` packs what it can see.
 */
export const COMMANDS: CommandLoaders = new Map<string, () => Promise<Command>>([
  ["record", async () => (await import("./record.ts")).record],
  ["live", async () => (await import("./live.ts")).live],
  ["stats", async () => (await import("./stats.ts")).stats],
  ["report", async () => (await import("./report.ts")).report],
  ["sql", async () => (await import("./sql.ts")).sql],
  ["diff", async () => (await import("./diff.ts")).diff],
  ["convert", async () => (await import("./convert.ts")).convert],
  ["schema", async () => (await import("./schema.ts")).schema],
  ["recover", async () => (await import("./recover.ts")).recover],
  ["check", async () => (await import("./check.ts")).check],
  ["completion", async () => (await import("./completion.ts")).completion],
  ["man", async () => (await import("./man.ts")).man],
]);
