/**
 * The kernel's reasons for refusing a BPF program.
 *
 * @module
 */

import { SystemError } from "../linux/errno.ts";

/** The kernel refused a program; the whole log of its verifier is in `log` and in the message. */
export class VerifierError extends SystemError {
  readonly log: string;

  constructor(operation: string, errno: number, log: string) {
    super(operation, errno);
    this.log = log;
    this.message = `${this.message}\n${log.trimEnd()}`;
  }
}

/**
 * Lines that never hold the reason: source lines, instructions with or without their register
 * state, jumps between states, and the statistics at the end (`kernel/bpf/verifier.c`).
 */
const NOT_A_REASON = [
  /^;/,
  /^\d+: /,
  /^from \d+ to \d+/,
  /^(last_idx|regs=|parent |mark_precise|propagating |func#|frame\d+:)/,
  /^(processed \d+ insns|verification time|stack depth|max_states_per_insn)/,
  /^R\d+(_\w+)?=/,
];

/** The line of a verifier log that says why; the last line if none is recognised; else `""`. */
export function verifierReason(log: string): string {
  const lines = log.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const reason = lines.findLast((line) => !NOT_A_REASON.some((pattern) => pattern.test(line)));
  return reason ?? lines.at(-1) ?? "";
}
