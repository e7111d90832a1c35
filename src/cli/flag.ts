/**
 * What a flag is: its spellings, its texts, and how its values are read.
 *
 * @module
 */
import { UsageError } from "../core/errors.ts";
import { InvalidValue } from "../core/invalid_value.ts";

/** What a shell offers where a value, or a word without a flag, is written. */
export type Completion = "file" | "directory" | "interface" | "choice" | "none";

/** One flag of one command. `T` is what its values on the command line become. */
export interface Flag<T> {
  /** The name shown first, `--output`. */
  readonly long: string;
  /** One-letter spelling, `-o`. */
  readonly short?: string | undefined;
  /** Other spellings with the same meaning, `-w` and `--write`. */
  readonly aliases: readonly string[];
  /** Placeholder of the value, undefined for a switch, which takes none. */
  readonly valueName: string | undefined;
  /** What shells complete the value with. */
  readonly completes: Completion;
  /** The words of which the value is one; undefined if it can be anything. */
  readonly choices?: readonly string[];
  /** The default as shown in help and documentation. */
  readonly defaultText: string;
  /** What it does, as a phrase without a final period. */
  readonly help: string;
  /**
   * Turns the texts given for this flag, in order, none if it was not given, into its value.
   *
   * @throws {UsageError} If one of the texts is not usable.
   */
  read(texts: readonly string[]): T;
}

/** The values of a set of flags, under the same names. */
export type FlagValues<Flags> = {
  [Name in keyof Flags]: Flags[Name] extends Flag<infer T> ? T : never;
};

interface FlagTexts {
  readonly long: string;
  readonly short?: string;
  readonly aliases?: readonly string[];
  readonly help: string;
}

interface ValueTexts<T> extends FlagTexts {
  readonly valueName: string;
  /** "none" unless given. */
  readonly completes?: Completion;
  readonly choices?: readonly string[];
  /** Reads one value. @throws {InvalidValue} If the text is not usable. */
  readonly parse: (text: string) => T;
}

/** A flag without a value: on if given, however often. */
export function switchFlag(texts: FlagTexts): Flag<boolean> {
  return {
    ...texts,
    aliases: texts.aliases ?? [],
    valueName: undefined,
    completes: "none",
    defaultText: "off",
    read: (given) => given.length > 0,
  };
}

/** A flag with a value and a default, which is written as a user would. The last one given counts. */
export function valueFlag<T>(texts: ValueTexts<T> & { readonly defaultValue: string }): Flag<T> {
  const flag: Flag<T> = {
    ...texts,
    aliases: texts.aliases ?? [],
    completes: texts.completes ?? "none",
    defaultText: texts.defaultValue,
    read: (given) => {
      // All are read, so that a wrong value is never hidden by a later one.
      const values = (given.length === 0 ? [texts.defaultValue] : given)
        .map((text) => readOne(flag, text, texts.parse));
      return values[values.length - 1] as T;
    },
  };
  return flag;
}

/** A flag with a value that may be left out. The last one given counts. */
export function optionalFlag<T>(
  texts: ValueTexts<T> & { readonly defaultText?: string },
): Flag<T | null> {
  const flag: Flag<T | null> = {
    ...texts,
    aliases: texts.aliases ?? [],
    completes: texts.completes ?? "none",
    defaultText: texts.defaultText ?? "none",
    read: (given) => given.map((text) => readOne(flag, text, texts.parse)).at(-1) ?? null,
  };
  return flag;
}

/** A flag that may be given several times; each value can itself stand for several items. */
export function listFlag<T>(
  texts: ValueTexts<readonly T[]> & {
    readonly defaultText: string;
    readonly defaults: readonly T[];
  },
): Flag<T[]> {
  const flag: Flag<T[]> = {
    ...texts,
    aliases: texts.aliases ?? [],
    completes: texts.completes ?? "none",
    read: (given) =>
      given.length === 0
        ? [...texts.defaults]
        : given.flatMap((text) => readOne(flag, text, texts.parse)),
  };
  return flag;
}

/** A flag whose value is one of a few words. */
export function choiceFlag<const T extends string>(
  texts: FlagTexts & {
    readonly choices: readonly T[];
    readonly defaultValue: NoInfer<T>;
    /** Words of other tools that are understood too, and what they stand for. */
    readonly synonyms?: Readonly<Record<string, NoInfer<T>>>;
  },
): Flag<T> {
  const synonyms = new Map(Object.entries<T>(texts.synonyms ?? {}));
  return valueFlag({
    ...texts,
    valueName: `<${texts.choices.join("|")}>`,
    completes: "choice",
    parse: (text) => {
      const choice = texts.choices.find((candidate) => candidate === text) ??
        synonyms.get(text);
      if (choice !== undefined) return choice;
      throw new InvalidValue("there is no such choice", `Choose ${listChoices(texts.choices)}`);
    },
  });
}

/** All spellings of a flag, the long one first. */
export function spellings(flag: Flag<unknown>): string[] {
  return [flag.long, ...(flag.short === undefined ? [] : [flag.short]), ...flag.aliases];
}

/** `"a", "b" or "c"`. */
export function listChoices(choices: readonly string[]): string {
  const quoted = choices.map((choice) => `"${choice}"`);
  const last = quoted.pop() ?? "";
  return quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`;
}

function readOne<T>(flag: Flag<unknown>, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw new UsageError(`Cannot use "${text}" for ${flag.long}: ${error.reason}`, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}
