/**
 * What is said about an expression that cannot be used.
 *
 * @module
 */
import { InvalidValue } from "../core/invalid_value.ts";

/** Why an expression cannot be used, and where: `position` counts its characters from 0. */
export class FilterError extends InvalidValue {
  readonly position: number;

  constructor(reason: string, position: number, hint?: string) {
    const comma = reason.endsWith('"') ? "" : ",";
    super(`${reason}${comma} at column ${position + 1}`, hint);
    this.name = "FilterError";
    this.position = position;
  }
}
