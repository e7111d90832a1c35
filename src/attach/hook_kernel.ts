/**
 * What choosing and attaching a hook asks of the kernel, in one place, so that tests can put drivers
 * and features in its place that no machine of theirs has.
 *
 * @module
 */
import {
  BpfLink,
  hasTcx,
  interfaceFeatures,
  queryXdp,
  removeLeftoverFilters,
  TcFilter,
} from "../../ffi/mod.ts";
import type { Hook } from "../contract/attachment.ts";
import type { AttachPoint } from "./attach_points.ts";
import { PROGRAMS } from "./hook_kind.ts";

/** What holds a program in place until it is disposed of. */
export interface Holder extends Disposable {
  /** Whether it still does: the kernel detaches a program together with its interface. */
  isAttached(): boolean;
}

/** The kernel, as far as attaching needs it. Methods throw what `ffi` throws. */
export interface HookKernel {
  /** Removes filters that a killed run left on the interface. */
  removeLeftovers(ifindex: number): void;
  /** The XDP program on the interface; id 0 for none. */
  xdpProgram(ifindex: number): { readonly programId: number; readonly mode: string };
  /** Features of the interface by the kernel's names, and whether they are on; null if unknown. */
  features(name: string): ReadonlyMap<string, boolean> | null;
  attachXdp(programFd: number, ifindex: number, mode: "native" | "generic"): Holder;
  /** Attaches at TCX, or where that is not to be had by a clsact filter, and says why. */
  attachTc(programFd: number, point: AttachPoint): {
    readonly holder: Holder;
    readonly hook: Exclude<Hook, "xdp">;
    readonly obstacle: string | null;
  };
}

/** Set to 1 in the environment, this makes a kernel with TCX pass for one without. For tests. */
const FORCE_CLSACT_VARIABLE = "XDP_INSPECTOR_FORCE_CLSACT";

/** The kernel that runs. */
export const RUNNING_KERNEL: HookKernel = {
  removeLeftovers: (ifindex) => void removeLeftoverFilters(ifindex, Object.values(PROGRAMS)),
  xdpProgram: queryXdp,
  features: interfaceFeatures,
  attachXdp: (programFd, ifindex, mode) => BpfLink.attachXdp(programFd, ifindex, mode),
  attachTc(programFd, { ifindex, direction }) {
    const obstacle = tcxObstacle(ifindex);
    return obstacle === null
      ? { holder: BpfLink.attachTcx(programFd, ifindex, direction), hook: "tcx", obstacle }
      : { holder: TcFilter.attach(programFd, ifindex, direction), hook: "clsact", obstacle };
  },
};

/** What the kernel said when it was asked first: later this process may not be allowed to ask. */
let knowsTcx: boolean | undefined;

/** Why TCX cannot be used; null if it can. */
export function tcxObstacle(ifindex: number): string | null {
  if (Deno.env.get(FORCE_CLSACT_VARIABLE) === "1") return `${FORCE_CLSACT_VARIABLE} is set`;
  knowsTcx ??= hasTcx(ifindex);
  return knowsTcx ? null : "this kernel has no TCX";
}
