/**
 * Why an interface refuses a program, in words that say what to do.
 *
 * @module
 */
import { FILTER_PRIORITY, listFilters, SystemError } from "../../ffi/mod.ts";
import { type InspectorError, RunError, UnsupportedError } from "../core/errors.ts";
import { PROGRAM_NAME } from "../core/version.ts";
import type { AttachPoint } from "./attach_points.ts";

/** The error for an XDP hook that is taken. `owner` says by what. */
export function occupied(point: AttachPoint, owner: string, cause?: unknown): RunError {
  return new RunError(
    `Cannot attach to "${point.interface}": another XDP program is attached (${owner})`,
    {
      hint:
        `Record at TC with "--mode tc", which leaves that program alone, or see who owns it with "bpftool net show dev ${point.interface}"`,
      cause,
    },
  );
}

/** Why XDP is refused, by errno (net/core/dev.c `dev_xdp_attach`, driver's ndo_bpf). */
export function xdpFailure(error: SystemError): string {
  switch (error.code) {
    case "EOPNOTSUPP":
      return "the driver has no native XDP";
    case "EINVAL":
    case "ERANGE":
      return "the driver refuses it with the present MTU or offloads (LRO, hardware GRO)";
    case "ENOSPC":
      return "the driver has too few receive queues";
    case "EEXIST":
      return "an interface above this one (bond, bridge) has an XDP program";
    default:
      return error.message;
  }
}

/** What a refused XDP program means. Anything but a `SystemError` is thrown on as it is. */
export function explainXdp(
  error: unknown,
  point: AttachPoint,
  mode: "native" | "generic",
): InspectorError {
  if (!(error instanceof SystemError)) throw error;
  if (error.code === "EBUSY") return occupied(point, "attached a moment ago", error);
  if (error.code === "ENODEV") return vanished(point, error);
  return new RunError(
    `Cannot attach to "${point.interface}" in ${mode} mode: ${xdpFailure(error)}`,
    {
      hint: mode === "native" ? `Use "--mode generic" or "--mode auto"` : `Use "--mode tc"`,
      cause: error,
    },
  );
}

/** What a refused TC program means. Anything but a `SystemError` is thrown on as it is. */
export function explainTc(error: unknown, point: AttachPoint): InspectorError {
  if (!(error instanceof SystemError)) throw error;
  if (error.code === "ENODEV") return vanished(point, error);
  const action = `Cannot attach to "${point.interface}" at TC ${point.direction}`;
  switch (error.code) {
    case "EADDRINUSE":
      return new RunError(`${action}: another xdp-inspector records there`, {
        hint: "End that one first",
        cause: error,
      });
    case "EEXIST":
      return new RunError(`${action}: its "ingress" qdisc leaves no place for a "clsact" qdisc`, {
        hint: `Record what arrives only, with "--direction in"`,
        cause: error,
      });
    case "EINVAL":
      if (!hasOurPriority(point)) break;
      return new RunError(
        `${action}: priority ${FILTER_PRIORITY} belongs to filters of another kind or protocol`,
        {
          hint: `See them with "tc filter show dev ${point.interface} ${point.direction}"`,
          cause: error,
        },
      );
    case "ENOENT":
    case "EOPNOTSUPP":
      return new UnsupportedError(
        `${action}: this kernel has neither TCX (Linux 6.6 or newer) nor clsact with BPF filters`,
        {
          hint: point.direction === "egress"
            ? `Record what arrives only, with "--direction in"`
            : `Use "--mode auto"`,
          cause: error,
        },
      );
  }
  return new RunError(`${action}: ${error.message}`, {
    hint: `Run "${PROGRAM_NAME} check -i ${point.interface}"`,
    cause: error,
  });
}

/** One priority holds filters of one kind and protocol only (net/sched/cls_api.c). */
function hasOurPriority(point: AttachPoint): boolean {
  return listFilters(point.ifindex, point.direction)
    .some(({ priority }) => priority === FILTER_PRIORITY);
}

function vanished(point: AttachPoint, cause: SystemError): RunError {
  return new RunError(`Cannot attach to "${point.interface}": the interface has disappeared`, {
    hint: `List the interfaces with "xdp-inspector record -D"`,
    cause,
  });
}
