/**
 * Probes of what the kernel does with our own BPF object. Programs are loaded; they are attached only
 * in a network namespace that is made for it and gone afterwards.
 *
 * @module
 */
import {
  hasTcx,
  inPrivateNetwork,
  libbpfVersion,
  LOOPBACK_IFINDEX,
  possibleProcessors,
  SystemError,
  tryRing,
} from "../../ffi/mod.ts";
import type { AttachPoint } from "../attach/attach_points.ts";
import { type CaptureMode, PROGRAMS } from "../attach/hook_kind.ts";
import { readBpfElf } from "../attach/bpf_elf.ts";
import { CaptureSession } from "../sources/capture_session.ts";
import { ringShape } from "../drain/ring_shape.ts";
import { SLOT_BYTES } from "../contract/record_layout.ts";
import type { AttachFacts, PreflightFacts, Probe } from "./facts.ts";
import { attempt, failureOf, skipped } from "./probe.ts";

/** The part of the facts that takes libbpf. */
type BpfFacts = Pick<PreflightFacts, "libbpf" | "ring" | "programs" | "attach">;

type Try = Readonly<{ point: AttachPoint; mode: CaptureMode }>;

const LOOPBACK = { interface: "lo", ifindex: LOOPBACK_IFINDEX } as const;

/** What to ask for so that each program of the object is loaded. Loopback has no native XDP. */
const TRIES = {
  inspect_xdp: { point: { ...LOOPBACK, direction: "ingress" }, mode: "generic" },
  inspect_tc_ingress: { point: { ...LOOPBACK, direction: "ingress" }, mode: "tc" },
  inspect_tc_egress: { point: { ...LOOPBACK, direction: "egress" }, mode: "tc" },
} as const satisfies Record<(typeof PROGRAMS)[keyof typeof PROGRAMS], Try>;

/** Programs that are only tried need no room. */
const SMALL_RING_BYTES = 1 << 16;

/**
 * @param obstacle why nothing can be learned from trying; undefined if something can
 * @param ringBytes memory for the ring to try
 */
export function probeBpf(obstacle: string | undefined, ringBytes: number): BpfFacts {
  const libbpf = attempt(libbpfVersion);
  if (libbpf.result !== "done") return { libbpf, ...allSkipped("libbpf is needed") };
  if (obstacle !== undefined) return { libbpf, ...allSkipped(obstacle) };
  const elf = readBpfElf();
  const ring = attempt(() => {
    const { rings, slots } = ringShape(ringBytes, possibleProcessors());
    tryRing(rings * slots);
    return rings * slots * SLOT_BYTES;
  });
  const programs = {
    inspect_xdp: tryLoad(elf, TRIES.inspect_xdp),
    inspect_tc_ingress: tryLoad(elf, TRIES.inspect_tc_ingress),
    inspect_tc_egress: tryLoad(elf, TRIES.inspect_tc_egress),
  };
  return { libbpf, ring, programs, attach: tryAttach(elf, programs) };
}

function allSkipped(reason: string): Omit<BpfFacts, "libbpf"> {
  const one = skipped(reason);
  return {
    ring: one,
    programs: { inspect_xdp: one, inspect_tc_ingress: one, inspect_tc_egress: one },
    attach: { xdp: one, egress: one },
  };
}

/** The same way as for a recording: the same settings, the same errors. */
function load(elf: Uint8Array, { point, mode }: Try): CaptureSession {
  return CaptureSession.load(elf, {
    points: [point],
    mode,
    ringBytes: SMALL_RING_BYTES,
    captureLimit: 0,
    sampleRate: 1,
    senderStatistics: false,
  });
}

function tryLoad(elf: Uint8Array, one: Try): Probe<true> {
  return attempt(() => {
    load(elf, one)[Symbol.dispose]();
    return true as const;
  });
}

function tryAttach(elf: Uint8Array, programs: PreflightFacts["programs"]): AttachFacts {
  const { inspect_xdp, inspect_tc_egress } = programs;
  const attachOne = (one: Try) => {
    using session = load(elf, one);
    return session.attach()[0]!.hook;
  };
  try {
    return inPrivateNetwork(() => ({
      xdp: inspect_xdp.result !== "done" ? skipped("the program is not loaded") : attempt(() => {
        attachOne(TRIES.inspect_xdp);
        return true as const;
      }),
      egress: inspect_tc_egress.result !== "done"
        ? skipped("the program is not loaded")
        : attempt(() => attachOne(TRIES.inspect_tc_egress) === "tcx" ? "tcx" : "clsact"),
    }));
  } catch (error) {
    // CAP_SYS_ADMIN is no part of what recording needs.
    if (error instanceof SystemError && error.code === "EPERM") return askOnly();
    const failed = failureOf(error);
    return { xdp: failed, egress: failed };
  }
}

/** Without a place to try: what a question can tell. */
function askOnly(): AttachFacts {
  const reason = "a network namespace to try it in needs CAP_SYS_ADMIN";
  const tcx = attempt(() => hasTcx(LOOPBACK_IFINDEX));
  return {
    xdp: skipped(reason),
    egress: tcx.result === "done" && tcx.value ? { result: "done", value: "tcx" } : skipped(reason),
  };
}
