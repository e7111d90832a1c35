/**
 * Attaching the program of one attach point: which hook is taken, and why.
 *
 * @module
 */
import {
  BpfLink,
  hasTcx,
  queryXdp,
  removeLeftoverFilters,
  SystemError,
  TcFilter,
} from "../../ffi/mod.ts";
import { UnsupportedError } from "../core/errors.ts";
import { explainTc, explainXdp, occupied, xdpFailure } from "./attach_errors.ts";
import {
  type AttachPoint,
  type CaptureMode,
  type Hook,
  type HookMode,
  programFor,
  type ProgramName,
  PROGRAMS,
  tcProgramFor,
} from "./attach_plan.ts";

/** Set to 1 in the environment, this makes a kernel with TCX pass for one without. For tests. */
const FORCE_CLSACT_VARIABLE = "XDP_INSPECTOR_FORCE_CLSACT";

/** Ways to attach at XDP, the fastest first. */
const XDP_MODES = ["native", "generic"] as const;

/** What holds a program in place until it is disposed of. */
export interface Holder extends Disposable {
  /** Whether it still does: the kernel detaches a program together with its interface. */
  isAttached(): boolean;
}

/** A program in place, and the mode that was used. */
export interface Attachment {
  readonly holder: Holder;
  readonly hook: Hook;
  readonly mode: HookMode;
  /** Why another mode than the first choice is in use; empty when it is the first choice. */
  readonly reason: string;
}

/** Loads a program of the BPF object for the attach point, if it is not; gives its fd. */
export type ProgramLoader = (program: ProgramName) => number;

/**
 * Attaches a program in the first way that the interface allows: for `auto` native XDP, generic XDP,
 * TC; for egress and `tc` TCX, or a clsact filter if the kernel has no TCX. Removes clsact filters
 * that a killed run left on the interface.
 *
 * @throws {RunError} if the interface refuses it
 * @throws {UnsupportedError} if a privilege or every hook is missing
 */
export function attach(load: ProgramLoader, point: AttachPoint, mode: CaptureMode): Attachment {
  removeLeftoverFilters(point.ifindex, Object.values(PROGRAMS));
  if (programFor(point, mode) !== PROGRAMS.xdp) return attachTc(load, point, []);
  refuseOccupiedInterface(point);
  const failures: string[] = [];
  for (const xdpMode of mode === "native" || mode === "generic" ? [mode] : XDP_MODES) {
    try {
      const programFd = load(PROGRAMS.xdp);
      const holder = BpfLink.attachXdp(programFd, point.ifindex, xdpMode);
      return { holder, hook: "xdp", mode: xdpMode, reason: failures.join("; ") };
    } catch (error) {
      if (mode === "auto" && error instanceof UnsupportedError) {
        return attachTc(load, point, [`XDP is not possible: ${lowerFirst(error.message)}`]);
      }
      if (mode !== "auto" || !(error instanceof SystemError) || error.code === "ENODEV") {
        throw explainXdp(error, point, xdpMode);
      }
      // Somebody else's program may have come since the question.
      refuseOccupiedInterface(point, error);
      failures.push(`${xdpMode} XDP is not possible: ${xdpFailure(error)}`);
    }
  }
  return attachTc(load, point, failures);
}

function attachTc(load: ProgramLoader, point: AttachPoint, failures: string[]): Attachment {
  const programFd = load(tcProgramFor(point));
  try {
    const obstacle = tcxObstacle(point);
    if (obstacle === undefined) {
      const holder = BpfLink.attachTcx(programFd, point.ifindex, point.direction);
      return { holder, hook: "tcx", mode: "tcx", reason: failures.join("; ") };
    }
    const reason = [...failures, obstacle].join("; ");
    const holder = TcFilter.attach(programFd, point.ifindex, point.direction);
    return { holder, hook: "clsact", mode: "clsact", reason };
  } catch (error) {
    throw explainTc(error, point);
  }
}

/** Why TCX cannot be used; undefined if it can. */
function tcxObstacle(point: AttachPoint): string | undefined {
  if (Deno.env.get(FORCE_CLSACT_VARIABLE) === "1") return `${FORCE_CLSACT_VARIABLE} is set`;
  return hasTcx(point.ifindex) ? undefined : "this kernel has no TCX";
}

/** An XDP hook holds one program. The kernel's own refusal would not say whose it is. */
function refuseOccupiedInterface(point: AttachPoint, cause?: unknown): void {
  const { programId, mode } = queryXdp(point.ifindex);
  if (programId !== 0) throw occupied(point, `program id ${programId}, ${mode} mode`, cause);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
