/**
 * What is said about an expression that cannot be used.
 *
 * @module
 */
import { InvalidValue } from "../core/invalid_value.ts";
import { PROGRAM_NAME } from "../core/version.ts";

/** The next step where none is nearer. */
const MANUAL_HINT = `See FILTERS in the manual page: "${PROGRAM_NAME} man | man -l -"`;

/** Why an expression cannot be used, and where: `position` counts its characters from 0. */
export class FilterError extends InvalidValue {
  readonly position: number;
  readonly #what: string;

  constructor(what: string, position: number, hint: string = MANUAL_HINT) {
    super(placed(what, `column ${position + 1}`), hint);
    this.name = "FilterError";
    this.position = position;
    this.#what = what;
  }

  /** The reason, with the place in a text of perhaps several lines. */
  reasonIn(text: string, position: number): string {
    const before = text.slice(0, position).split("\n");
    const column = `column ${before.at(-1)!.length + 1}`;
    const isOne = !text.trimEnd().includes("\n");
    return placed(this.#what, isOne ? column : `line ${before.length}, ${column}`);
  }
}

/** The same, because a port is named that may be one of the registry that is not loaded. */
export class ServiceNameError extends FilterError {
  override name = "ServiceNameError";
}

/** The same, because there is no such word or sign: perhaps no filter was meant at all. */
export class NoFilterError extends FilterError {
  override name = "NoFilterError";
}

/** The same, because a host is named that would have to be looked up. */
export class HostNameError extends FilterError {
  readonly host: string;

  constructor(host: string, position: number) {
    super(
      `names of hosts are looked up only with --resolve: "${host}"`,
      position,
      "Write the address, or add --resolve",
    );
    this.name = "HostNameError";
    this.host = host;
  }
}

function placed(what: string, place: string): string {
  return `${what}${what.endsWith('"') ? "" : ","} at ${place}`;
}

/** That a parenthesis is not closed. */
export function unclosed(position: number): FilterError {
  return new FilterError('")" is missing', position, 'Close each "(" with a ")"');
}
