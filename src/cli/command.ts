/**
 * What a command is. Parser, help, completions, manual page and REFERENCE.md follow from the list of
 * commands that they are given.
 *
 * @module
 */
import type { SyncWriter } from "../core/standard_streams.ts";
import type { Completion, Flag, FlagValues } from "./flag.ts";

/** The flags of a command, under the names that their values get. */
export type FlagSet = Readonly<Record<string, Flag<unknown>>>;

/** A word and what it stands for. */
export type Word = readonly [word: string, text: string];

/** An example of a command line, and what it does. */
export interface Example {
  readonly line: string;
  readonly help: string;
}

/** More about one of the words behind a command. */
export interface WordDetails {
  readonly word: string;
  /** Flags whose values depend on the word. */
  readonly choices: readonly {
    readonly flag: string;
    readonly values: readonly string[];
    /** What counts without the flag; null = nothing. */
    readonly isDefault: string | null;
  }[];
  /** For the manual page: what numbers mean. */
  readonly paragraphs: readonly string[];
  /** For the manual page: values of flags and what they mean. */
  readonly terms?: readonly Word[];
}

/** What may follow the name of a command without a flag. */
export interface Operands {
  /** How the usage line shows them: `[summary|top] [files...]`. */
  readonly usage: string;
  /** Stands above {@linkcode words} in the help. */
  readonly title: string;
  /** Words with a meaning of their own. */
  readonly words: readonly Word[];
  /** What more there is to say about some of the words. */
  readonly details?: readonly WordDetails[];
  /** What else may stand there. */
  readonly completes: Completion;
}

/** What the process is connected to, as far as the command line depends on it. */
export interface Surroundings {
  readonly stdoutIsTerminal: boolean;
  /** Columns for help texts. */
  readonly width: number;
  /** Whether there is a file or directory of this name. */
  exists(path: string): boolean;
}

/** What the user wrote behind the name of a command. */
export interface Written<Flags extends FlagSet> {
  /** The value of every flag, the default where it was left out. */
  readonly flags: FlagValues<Flags>;
  /** Names of the flags that were not left out. */
  readonly given: ReadonlySet<string>;
  /** Words without a flag, in order; none for a command without {@linkcode Operands}. */
  readonly operands: readonly string[];
  /** The words behind `--`, for a command that runs another program; null = none. */
  readonly program: readonly string[] | null;
}

/** What a command may use beside its options. */
export interface Context {
  /** Loads all commands, for those that are about the others. */
  readonly commands: () => Promise<readonly Command[]>;
  readonly stdout: SyncWriter;
}

/** What help and documentation say about a command. */
export interface CommandTexts {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** Paragraphs, for the command's own help. */
  readonly description: readonly string[];
  /** Left out for a command that takes flags only, or nothing. */
  readonly operands?: Operands;
  /** How the usage line shows the program that it runs, if it does: `[-- command [args...]]`. */
  readonly program?: string;
  readonly flags: FlagSet;
  readonly examples: readonly Example[];
  /** Whether the help of the program shows the first example. */
  readonly isFirstChoice?: boolean;
  /** What to do instead of flags that users of other tools try. */
  readonly missingFlags?: Readonly<Record<string, string>>;
}

/**
 * What a command may do that other programs of the user may not. `kernel`: all that this process is
 * permitted. `files`: to read files, which others may have made, and nothing else. `output`: the same,
 * but the command gives the rest up itself, by `src/commands/shared/reading_output.ts`, once it holds the place of
 * its output. `none`: as it is, for what touches neither.
 */
export type Rights = "kernel" | "files" | "output" | "none";

/** A command, with types that only it knows. A flag `verbose` shows the causes of errors. */
export interface TypedCommand<Flags extends FlagSet, Options> extends CommandTexts {
  readonly flags: Flags;
  readonly rights: Rights;
  /** What to do instead of the words, for a command without {@linkcode Operands}. */
  wordsHint?(words: readonly string[]): string;
  /**
   * Checks what was written. Changes nothing, loads nothing.
   *
   * @throws {UsageError} If it does not fit together.
   */
  options(written: Written<Flags>, surroundings: Surroundings): Options;
  /**
   * Does it. Imports what it needs when it is called: other commands must start without that.
   *
   * @returns exit code
   */
  run(options: Options, context: Context): Promise<number> | number;
}

/** Any command. */
export type Command = TypedCommand<FlagSet, unknown>;

/** Commands by name, in order, each loaded when it is called for: most runs are about one. */
export type CommandLoaders = ReadonlyMap<string, () => Promise<Command>>;

/** All of them. */
export async function loadAll(loaders: CommandLoaders): Promise<readonly Command[]> {
  return await Promise.all([...loaders.values()].map((load) => load()));
}

/** Lets the compiler find out the types of a command; returns the command. */
export function defineCommand<Flags extends FlagSet, Options>(
  command: TypedCommand<Flags, Options>,
): TypedCommand<Flags, Options> {
  return command;
}
