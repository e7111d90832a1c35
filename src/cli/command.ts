/**
 * What a command is. Parser, help, completions, manual page and README follow from the list of
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

/** What may follow the name of a command without a flag. */
export interface Operands {
  /** How the usage line shows them: `[summary|top] [files...]`. */
  readonly usage: string;
  /** Stands above {@linkcode words} in the help. */
  readonly title: string;
  /** Words with a meaning of their own. */
  readonly words: readonly Word[];
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
}

/** What a command may use beside its options. */
export interface Context {
  /** All commands, for those that are about the others. */
  readonly commands: readonly Command[];
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
  readonly flags: FlagSet;
  readonly examples: readonly Example[];
  /** Whether the help of the program shows the first example. */
  readonly isFirstChoice?: boolean;
  /** What to do instead of flags that users of other tools try. */
  readonly missingFlags?: Readonly<Record<string, string>>;
}

/**
 * What a command may do that other programs of the user may not. `kernel`: all that this process is
 * permitted. `files`: to read files, which others may have made, and nothing else; `files and output`: the
 * main thread may also write one where this process could. `none`: as it is, for what touches neither.
 */
export type Rights = "kernel" | "files" | "files and output" | "none";

/** Written as a method, so that a command with its own options is still a command. */
type Rule<Options> = { rule(options: Options): Rights }["rule"];

/** A command, with types that only it knows. A flag `verbose` shows the causes of errors. */
export interface TypedCommand<Flags extends FlagSet, Options> extends CommandTexts {
  readonly flags: Flags;
  /** Rights that depend on the options are those of a function. */
  readonly rights: Rights | Rule<Options>;
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

/** Lets the compiler find out the types of a command; returns the command. */
export function defineCommand<Flags extends FlagSet, Options>(
  command: TypedCommand<Flags, Options>,
): TypedCommand<Flags, Options> {
  return command;
}
