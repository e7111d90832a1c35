/**
 * One line of what is said below a table.
 *
 * @module
 */

export interface FooterLine {
  readonly text: string;
  /** The reader must not overlook it. */
  readonly isWarning?: boolean;
}
