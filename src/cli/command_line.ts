/**
 * What a command line asks for.
 *
 * @module
 */
import type { RecordOptions } from "./record_options.ts";
import type { StatsOptions } from "./stats_options.ts";

/** Settings of `record --list-interfaces`. */
export interface ListInterfacesOptions {
  /** Print the list as JSON. */
  readonly json: boolean;
}

/** Settings of `check`. */
export interface CheckOptions {
  /** Names as for `record`; none = the interface of the default route. */
  readonly interfaces: readonly string[];
  /** Path of the file that is to be written. */
  readonly output: string;
  /** Print the findings as JSON. */
  readonly json: boolean;
}

/** What the program is to do. */
export type Request =
  | { readonly command: "record"; readonly options: RecordOptions; readonly verbose: boolean }
  | {
    readonly command: "listInterfaces";
    readonly options: ListInterfacesOptions;
    readonly verbose: boolean;
  }
  | { readonly command: "stats"; readonly options: StatsOptions; readonly verbose: boolean }
  | { readonly command: "check"; readonly options: CheckOptions; readonly verbose: boolean }
  | { readonly command: "version" }
  | { readonly command: "print"; readonly text: string }
  /** Nothing was asked for: the help goes to standard error, and that is a usage error. */
  | { readonly command: "complain"; readonly text: string };
