/**
 * All commands, in the order of the help. Each is a file beside this one; what it needs when it runs
 * is in the directory of its name, and loaded then.
 *
 * @module
 */
import type { Command } from "../cli/command.ts";
import { check } from "./check.ts";
import { convert } from "./convert.ts";
import { diff } from "./diff.ts";
import { completion } from "./completion.ts";
import { live } from "./live.ts";
import { man } from "./man.ts";
import { record } from "./record.ts";
import { recover } from "./recover.ts";
import { report } from "./report.ts";
import { schema } from "./schema.ts";
import { sql } from "./sql.ts";
import { stats } from "./stats.ts";

/** The list that parser, help, completions, manual page and README follow. */
export const COMMANDS: readonly Command[] = [
  record,
  live,
  stats,
  report,
  sql,
  diff,
  convert,
  schema,
  recover,
  check,
  completion,
  man,
];
