/**
 * The flags that tell which packets a command is about. Every command that reads recordings has them.
 *
 * @module
 */
import { UsageError } from "../core/errors.ts";
import { InvalidValue } from "../core/invalid_value.ts";
import { parseWrittenTime } from "../core/written_time.ts";
import type { Selection } from "../query/selection.ts";
import { type Flag, type FlagValues, listFlag, optionalFlag } from "./flag.ts";
import { filterFlags, readFilter } from "./filter_flags.ts";
import { parseInterfaceNames } from "./flag_values.ts";
import { directionFlag } from "./shared_flags.ts";

/** The flags, to be spread into those of a command. */
export function selectionFlags() {
  return {
    from: optionalFlag({
      long: "--from",
      valueName: "<time>",
      defaultText: "start",
      help: "packets from this time on: ISO-8601, HH:MM[:SS] on the day of the recording, " +
        "-5m before its end, +10s after its start; UTC unless a zone is given",
      parse: parseWrittenTime,
    }),
    to: optionalFlag({
      long: "--to",
      valueName: "<time>",
      defaultText: "end",
      help: "packets before this time, written likewise; +10s counts from --from",
      parse: parseWrittenTime,
    }),
    interfaces: listFlag<string>({
      long: "--interface",
      short: "-i",
      valueName: "<name>",
      completes: "interface",
      defaultText: "all",
      defaults: [],
      help: "packets of this interface; repeat the flag for several, or use commas",
      parse: parseInterfaceNames,
    }),
    direction: directionFlag("packets of this direction, as the interface sees it"),
    ...filterFlags(),
    where: whereFlag(),
  };
}

/** A condition may not get lost: two are refused, and not the last one taken. */
function whereFlag(): Flag<string | null> {
  const flag = optionalFlag({
    long: "--where",
    valueName: "<SQL>",
    help: "packets for which this is true: a condition in SQL over the columns",
    parse: (text) => {
      if (text.trim() === "") {
        throw new InvalidValue("it is empty", 'Write a condition, as in "destination_port = 443"');
      }
      if (text.includes("\0")) throw new InvalidValue("it contains a NUL byte", "Leave it out");
      return text;
    },
  });
  return {
    ...flag,
    read: (texts) => {
      if (texts.length > 1) {
        throw new UsageError("Cannot use --where twice", { hint: "Join the conditions with AND" });
      }
      return flag.read(texts);
    },
  };
}

/**
 * The selection that was written.
 *
 * @throws {UsageError} If its end is before its start.
 */
export function readSelection(
  flags: FlagValues<ReturnType<typeof selectionFlags>>,
): Selection {
  const { from, to, interfaces, direction, where } = flags;
  if (from?.kind === "instant" && to?.kind === "instant" && from.ns > to.ns) {
    throw new UsageError(`Cannot select from "${from.text}" to "${to.text}": the end is earlier`, {
      hint: "Exchange the two times",
    });
  }
  return {
    from,
    to,
    interfaces: [...new Set(interfaces)],
    direction: direction === "inout" ? null : direction,
    where,
    filter: readFilter(flags),
  };
}
