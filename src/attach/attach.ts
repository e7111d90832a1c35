/**
 * Attaching the program of one attach point: which hook is taken, and why.
 *
 * @module
 */
import { SystemError } from "../../ffi/mod.ts";
import { type InspectorError, UnsupportedError } from "../core/errors.ts";
import { lowerFirst } from "../core/lower_first.ts";
import type { Hook, HookMode } from "../contract/attachment.ts";
import { explainTc, explainXdp, occupied, xdpFailure } from "./attach_errors.ts";
import type { AttachPoint } from "./attach_points.ts";
import { programFor, type ProgramName } from "./hook_kind.ts";
import { type HookStep, lostFeatures } from "./hook_choice.ts";
import { type Holder, type HookKernel, RUNNING_KERNEL } from "./hook_kernel.ts";

/** A program in place, and the mode that was used. */
export interface HeldProgram {
  readonly holder: Holder;
  readonly hook: Hook;
  readonly mode: HookMode;
  /** Why not another hook is in use, or what this one costs; empty when there is nothing to say. */
  readonly reason: string;
}

/** Loads a program of the BPF object for the attach point, if it is not; gives its fd. */
export type ProgramLoader = (program: ProgramName) => number;

/** A hook that was not taken: in words for the next one's reason, and as an error if there is none. */
interface Refusal {
  readonly reason: string;
  readonly error: InspectorError;
}

/**
 * Attaches a program to the first hook of `steps` that the interface allows; of several, one that
 * switches an offload off is given up again. Removes clsact filters that a killed run left there.
 *
 * @throws {RunError} if the interface refuses it
 * @throws {UnsupportedError} if a privilege or every hook is missing
 */
export function attach(
  load: ProgramLoader,
  point: AttachPoint,
  steps: readonly HookStep[],
  kernel: HookKernel = RUNNING_KERNEL,
): HeldProgram {
  kernel.removeLeftovers(point.ifindex);
  if (steps.some(({ kind }) => kind !== "tc")) refuseOccupiedInterface(point, kernel);
  const isOnly = steps.length === 1;
  const reasons: string[] = [];
  let last: InspectorError | undefined;
  for (const step of steps) {
    if (step.obstacle !== null) {
      reasons.push(step.obstacle);
      continue;
    }
    const taken = step.kind === "tc"
      ? attachTc(load, point, kernel)
      : attachXdp(load, point, step.kind, isOnly, kernel);
    if ("error" in taken) {
      if (isOnly) throw taken.error;
      reasons.push(taken.reason);
      last = taken.error;
      continue;
    }
    const reason = [...reasons, step.cost, taken.reason].filter((part) => part !== "").join("; ");
    return { ...taken, reason };
  }
  throw new UnsupportedError(`Cannot attach to "${point.interface}": ${reasons.join("; ")}`, {
    hint: `Choose a hook yourself, with "--mode native" or "--mode generic"`,
    cause: last,
  });
}

function attachXdp(
  load: ProgramLoader,
  point: AttachPoint,
  mode: "native" | "generic",
  isOnly: boolean,
  kernel: HookKernel,
): HeldProgram | Refusal {
  const before = kernel.features(point.interface);
  let holder: Holder;
  try {
    holder = kernel.attachXdp(load(programFor(point, mode)), point.ifindex, mode);
  } catch (error) {
    if (error instanceof UnsupportedError) {
      return { error, reason: `XDP is not possible: ${lowerFirst(error.message)}` };
    }
    const explained = explainXdp(error, point, mode);
    if (!(error instanceof SystemError) || error.code === "ENODEV") throw explained;
    // Somebody else's program may have come since the question.
    if (!isOnly) refuseOccupiedInterface(point, kernel, error);
    return { error: explained, reason: `${mode} XDP is not possible: ${xdpFailure(error)}` };
  }
  const lost = lostFeatures(before, kernel.features(point.interface)).join(", ");
  if (lost === "") return { holder, hook: "xdp", mode, reason: "" };
  if (isOnly) return { holder, hook: "xdp", mode, reason: `it has switched off "${lost}"` };
  holder[Symbol.dispose]();
  const reason = `${mode} XDP was given up again: it switched off "${lost}"`;
  return { error: new UnsupportedError(reason, { hint: 'Record at TC with "--mode tc"' }), reason };
}

function attachTc(
  load: ProgramLoader,
  point: AttachPoint,
  kernel: HookKernel,
): HeldProgram | Refusal {
  try {
    const programFd = load(programFor(point, "tc"));
    const { holder, hook, obstacle } = kernel.attachTc(programFd, point);
    return { holder, hook, mode: hook, reason: obstacle ?? "" };
  } catch (cause) {
    const error = cause instanceof UnsupportedError ? cause : explainTc(cause, point);
    if (!(error instanceof UnsupportedError)) throw error;
    return { error, reason: `TC is not possible: ${lowerFirst(error.message)}` };
  }
}

/** An XDP hook holds one program. The kernel's own refusal would not say whose it is. */
function refuseOccupiedInterface(point: AttachPoint, kernel: HookKernel, cause?: unknown): void {
  const { programId, mode } = kernel.xdpProgram(point.ifindex);
  if (programId !== 0) throw occupied(point, `program id ${programId}, ${mode} mode`, cause);
}
