/**
 * What is run for each file that is finished: `record --on-close`.
 *
 * @module
 */
import { systemReason } from "../../core/system_reason.ts";

/** Runs a command for one file after the other; the recording never waits for it. */
export class OnClose {
  readonly #command: string;
  readonly #complain: (text: string) => void;
  #last: Promise<void> = Promise.resolve();

  /**
   * @param command for a shell; the path is put behind it as one word
   * @param complain takes what went wrong
   */
  constructor(command: string, complain: (text: string) => void) {
    this.#command = command;
    this.#complain = complain;
  }

  /** Runs it for a file, when it has ended for those before. */
  run(path: string): void {
    this.#last = this.#last.then(() => this.#runOne(path));
  }

  /** Settles when it has ended for all files. */
  get done(): Promise<void> {
    return this.#last;
  }

  async #runOne(path: string): Promise<void> {
    try {
      const { code } = await new Deno.Command("/bin/sh", {
        args: ["-c", `${this.#command} "$1"`, "sh", path],
        stdin: "null",
        // Standard output may be the report's.
        stdout: "null",
        stderr: "inherit",
      }).spawn().status;
      if (code !== 0) this.#complain(`"${this.#command}" for "${path}" ended with ${code}`);
    } catch (cause) {
      this.#complain(`Cannot run "${this.#command}" for "${path}": ${systemReason(cause)}`);
    }
  }
}
