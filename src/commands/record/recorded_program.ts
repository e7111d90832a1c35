/**
 * The program that is recorded while it runs: `record -- command args`.
 *
 * @module
 */
import type { UserAndGroup } from "../../core/lesser_user.ts";
import { EXIT, RunError } from "../../core/errors.ts";
import { systemReason } from "../../core/system_reason.ts";

/** A program that runs, with the streams of this process. */
export class RecordedProgram {
  /** Its exit code once it has ended; 128 and the number of the signal that ended it, as in a shell. */
  readonly ended: Promise<number>;
  #exitCode: number | null = null;

  private constructor(child: Deno.ChildProcess) {
    this.ended = child.status.then(({ code }) => this.#exitCode = code);
  }

  /**
   * Its exit code, for which its end is waited for: the recording may have ended before. After a signal
   * nobody waits: what goes on then has not failed.
   *
   * @param signalled settles at a signal, or has done so
   */
  async codeUnless(signalled: Promise<void>): Promise<number> {
    const stopped = signalled.then(() => this.#exitCode ?? EXIT.DONE);
    return this.#exitCode ?? await Promise.race([this.ended, stopped]);
  }

  /**
   * Starts it, to be called while this process may still become its user.
   *
   * @param words the program and its arguments
   * @param user who it runs as; null = the same as this process
   * @param umask what it begins with: that of this process keeps files private
   * @throws {RunError} if it cannot be started
   */
  static start(
    [name = "", ...args]: readonly string[],
    user: UserAndGroup | null,
    umask: number,
  ): RecordedProgram {
    const isOther = user !== null && user.user !== Deno.uid();
    const command = new Deno.Command(name, {
      args,
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
      ...(isOther && { uid: user.user, gid: user.group }),
    });
    const own = Deno.umask(umask);
    try {
      return new RecordedProgram(command.spawn());
    } catch (cause) {
      const reason = cause instanceof Deno.errors.NotFound ? "there is none" : systemReason(cause);
      throw new RunError(`Cannot run the command "${name}": ${reason}`, {
        cause,
        hint: 'Name a program behind "--", and what it is given behind that',
      });
    } finally {
      Deno.umask(own);
    }
  }
}
