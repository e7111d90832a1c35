/**
 * A text that is not a usable value. The parsers of this folder do not know which flag the text
 * came from: whoever knows adds that and turns the reason into a complete message.
 *
 * @module
 */

/** Why a text is not a usable value, and what to write instead. */
export class InvalidValue extends Error {
  /** The reason, to stand behind a colon: `it has no unit`. */
  readonly reason: string;
  /** What to write instead, as one imperative sentence without a final period. */
  readonly hint: string | undefined;

  constructor(reason: string, hint?: string) {
    super(reason);
    this.name = "InvalidValue";
    this.reason = reason;
    this.hint = hint;
  }
}
