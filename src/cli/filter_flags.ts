/**
 * The flags of a filter, for commands that read packets and for those that record them.
 *
 * @module
 */
import { UsageError } from "../core/errors.ts";
import { InvalidValue } from "../core/invalid_value.ts";
import type { WrittenFilter } from "../filter/written_filter.ts";
import { type Flag, type FlagValues, optionalFlag, switchFlag } from "./flag.ts";
import { parsePath } from "./flag_values.ts";

/** The flags, to be spread into those of a command. */
export function filterFlags() {
  return {
    filter: expressionFlag(),
    filterFile: optionalFlag({
      long: "--filter-file",
      short: "-F",
      valueName: "<path>",
      completes: "file",
      help: "file with the expression for --filter",
      parse: parsePath,
    }),
    resolve: switchFlag({
      long: "--resolve",
      help: "look up names of hosts in the filter",
    }),
  };
}

/** An expression may not get lost: two are refused, and not the last one taken. */
function expressionFlag(): Flag<string | null> {
  const flag = optionalFlag({
    long: "--filter",
    valueName: "<expression>",
    help: 'only packets that match, in the words of tcpdump: "tcp port 443 and net 10/8"',
    parse: (text) => {
      if (text.trim() === "") {
        throw new InvalidValue("it is empty", 'Write an expression, as in "tcp port 443"');
      }
      return text;
    },
  });
  return {
    ...flag,
    read: (texts) => {
      if (texts.length > 1) {
        throw new UsageError("Cannot use --filter twice", {
          hint: 'Join the expressions with "and"',
        });
      }
      return flag.read(texts);
    },
  };
}

/**
 * The filter that was written. Whether it can be understood, who uses it finds out: that takes the
 * language, which most runs do not.
 *
 * @param words without a flag, for a command that takes them for a filter
 * @throws {UsageError} If there are two.
 */
export function readFilter(
  { filter, filterFile, resolve }: FlagValues<ReturnType<typeof filterFlags>>,
  words: readonly string[] = [],
): WrittenFilter | null {
  const given = [
    ...(words.length > 0 ? [`"${words[0]}"`] : []),
    ...(filter === null ? [] : ["--filter"]),
    ...(filterFile === null ? [] : ["--filter-file"]),
  ];
  if (given.length > 1) {
    throw new UsageError(`Cannot use ${given[0]} together with ${given[1]}: both are a filter`, {
      hint: "Leave one of them out",
    });
  }
  if (given.length === 0) {
    if (!resolve) return null;
    throw new UsageError("Cannot use --resolve without a filter", {
      hint: 'Write "--filter" with an expression',
    });
  }
  const text = words.length > 0 ? words.join(" ") : filter;
  return { text, file: filterFile, resolve };
}
