/**
 * One line of the `check` command: a contract, as its JSON.
 *
 * @module
 */

/**
 * `ok`: nothing in the way. `warn`: recording works, or could not be tried, and something is to be
 * known. `fail`: recording with the default flags does not work.
 */
export type CheckStatus = "ok" | "warn" | "fail";

/** What was checked, what came out, and what to do. The object of the JSON list, as it is. */
export type CheckFinding = {
  /** Stable name of the check, such as `ring_buffer`. */
  readonly check: string;
  /** The interface that it is about; null if it is about the machine. */
  readonly interface: string | null;
  readonly status: CheckStatus;
  /** What was found. */
  readonly message: string;
  /** The next step; null if there is nothing to do. */
  readonly fix: string | null;
};
