/** Which hook is taken of several, on a kernel and drivers that the tests make up. */
import assert from "node:assert/strict";
import { SystemError } from "../../../ffi/mod.ts";
import { attach, type HeldProgram } from "../../../src/attach/attach.ts";
import type { CaptureMode, ProgramName } from "../../../src/attach/hook_kind.ts";
import { hookSteps } from "../../../src/attach/hook_choice.ts";
import type { HookKernel } from "../../../src/attach/hook_kernel.ts";
import { type InspectorError, RunError, UnsupportedError } from "../../../src/core/errors.ts";

const POINT = { interface: "eth0", ifindex: 2, direction: "ingress" } as const;

const EINVAL = 22;
const EBUSY = 16;
const ENODEV = 19;
const EOPNOTSUPP = 95;

interface Machine {
  readonly mode?: CaptureMode;
  /** Features that are on before anything is attached. */
  readonly on?: readonly string[];
  /** Feature that native XDP switches off, as some drivers do. */
  readonly nativeSwitchesOff?: string;
  readonly failures?: Partial<Record<"native" | "generic" | "tc", Error>>;
  readonly loadFailures?: Partial<Record<ProgramName, Error>>;
  readonly occupiedBy?: number;
  /** The program that somebody attaches between our question and our attempt. */
  readonly takenMeanwhileBy?: number;
  readonly hasTcx?: boolean;
}

/** Attaches, and gives what was taken and what happened. */
function run(machine: Machine): { readonly taken: HeldProgram; readonly log: string[] } {
  const log: string[] = [];
  const on = new Set(machine.on ?? ["rx-gro"]);
  const known = ["rx-gro", "rx-lro", "rx-gro-hw", "tx-checksum"];
  const features = () => new Map(known.map((name) => [name, on.has(name)]));
  const hold = (what: string, undo = () => {}) => {
    log.push(what);
    return {
      isAttached: () => true,
      [Symbol.dispose]: () => {
        undo();
        log.push(`give up ${what}`);
      },
    };
  };
  let occupiedBy = machine.occupiedBy ?? 0;
  const kernel: HookKernel = {
    removeLeftovers: (ifindex) => log.push(`clean ${ifindex}`),
    xdpProgram: () => ({ programId: occupiedBy, mode: "native" }),
    features,
    attachXdp(_fd, _ifindex, mode) {
      if (machine.takenMeanwhileBy !== undefined) {
        occupiedBy = machine.takenMeanwhileBy;
        throw new SystemError("attach", EBUSY);
      }
      const failure = machine.failures?.[mode];
      if (failure !== undefined) throw failure;
      const lost = mode === "native" ? machine.nativeSwitchesOff : undefined;
      if (lost === undefined) return hold(mode);
      on.delete(lost);
      return hold(mode, () => on.add(lost));
    },
    attachTc() {
      if (machine.failures?.tc !== undefined) throw machine.failures.tc;
      return machine.hasTcx ?? true
        ? { holder: hold("tcx"), hook: "tcx", obstacle: null }
        : { holder: hold("clsact"), hook: "clsact", obstacle: "this kernel has no TCX" };
    },
  };
  const load = (program: ProgramName) => {
    const failure = machine.loadFailures?.[program];
    if (failure !== undefined) throw failure;
    return 10;
  };
  const facts = { driver: "ixgbe", nativeXdp: true, features: features(), below: [] };
  const taken = attach(load, POINT, hookSteps(POINT, machine.mode ?? "auto", facts), kernel);
  return { taken, log };
}

/** Hook, mode and reason. */
function outcome(machine: Machine): string[] {
  const { hook, mode, reason } = run(machine).taken;
  return [hook, mode, reason];
}

Deno.test("attach() takes native XDP for auto where nothing is switched off", () => {
  const { taken, log } = run({});
  assert.deepEqual([taken.hook, taken.mode, taken.reason], ["xdp", "native", ""]);
  assert.deepEqual(log, ["clean 2", "native"]);
});

Deno.test("attach() gives native XDP up again where it switched a feature off, and says which", () => {
  const { taken, log } = run({ on: ["rx-gro", "tx-checksum"], nativeSwitchesOff: "tx-checksum" });
  assert.deepEqual(log, ["clean 2", "native", "give up native", "tcx"]);
  assert.deepEqual([taken.hook, taken.reason], [
    "tcx",
    'native XDP was given up again: it switched off "tx-checksum"',
  ]);
});

Deno.test("attach() keeps native XDP that was asked for, and says what it switched off", () => {
  const machine = {
    mode: "native",
    on: ["tx-checksum"],
    nativeSwitchesOff: "tx-checksum",
  } as const;
  assert.deepEqual(outcome(machine), ["xdp", "native", 'it has switched off "tx-checksum"']);
});

Deno.test("attach() goes to TC for auto where the card merges packets", () => {
  for (const on of [["rx-lro"], ["rx-gro-hw"]]) {
    const { taken, log } = run({ on });
    assert.deepEqual(log, ["clean 2", "tcx"]);
    assert.match(taken.reason, /^native XDP would switch off (LRO|hardware GRO)$/);
  }
});

Deno.test("attach() goes to TC for auto where the driver refuses native XDP, and to clsact", () => {
  const failures = { native: new SystemError("attach", EOPNOTSUPP) };
  const reason = "native XDP is not possible: the driver has no native XDP";
  assert.deepEqual(outcome({ failures }), ["tcx", "tcx", reason]);
  assert.deepEqual(outcome({ failures, hasTcx: false }), [
    "clsact",
    "clsact",
    `${reason}; this kernel has no TCX`,
  ]);
});

Deno.test("attach() goes to TC for auto where the kernel cannot load the XDP program", () => {
  const loadFailures = { inspect_xdp: new UnsupportedError("This kernel has no such helper") };
  assert.deepEqual(outcome({ loadFailures }), [
    "tcx",
    "tcx",
    "XDP is not possible: this kernel has no such helper",
  ]);
});

Deno.test("attach() takes generic XDP for auto only where neither of the others is to be had", () => {
  const failures = {
    native: new SystemError("attach", EINVAL),
    tc: new SystemError("attach", EOPNOTSUPP),
  };
  const [hook, mode, reason] = outcome({ failures });
  assert.deepEqual([hook, mode], ["xdp", "generic"]);
  assert.match(reason!, /^native XDP is not possible: .*; TC is not possible: .*neither TCX/);
});

Deno.test("attach() takes nothing for auto rather than switch an offload off", () => {
  const failures = { tc: new SystemError("attach", EOPNOTSUPP) };
  assert.throws(() => run({ on: ["rx-lro"], failures }), (error: InspectorError) => {
    assert(error instanceof UnsupportedError, String(error));
    assert.match(error.message, /native XDP would switch off LRO; TC is not possible: .*; generic/);
    assert.match(error.hint ?? "", /"--mode generic"/);
    return true;
  });
});

Deno.test("attach() does not go around the XDP program of somebody else", () => {
  for (const mode of ["auto", "native", "generic"] as const) {
    assert.throws(() => run({ mode, occupiedBy: 7 }), /another XDP program .*program id 7/, mode);
  }
  assert.equal(run({ mode: "tc", occupiedBy: 7 }).taken.hook, "tcx");
});

Deno.test("attach() says who has taken the XDP hook meanwhile, and does not go around it", () => {
  for (const mode of ["auto", "native", "generic"] as const) {
    assert.throws(() => run({ mode, takenMeanwhileBy: 77 }), (error: InspectorError) => {
      assert(error instanceof RunError, String(error));
      assert.match(error.message, /^Cannot attach to "eth0": another XDP program is attached \(/);
      if (mode === "auto") assert.match(error.message, /program id 77/);
      return true;
    });
  }
});

Deno.test("attach() does not go on where the interface has gone, or TC is taken by another recorder", () => {
  const gone = { native: new SystemError("attach", ENODEV) };
  assert.throws(() => run({ failures: gone }), /the interface has disappeared$/);
  const failures = { native: new SystemError("a", EINVAL), tc: new SystemError("a", 98) };
  assert.throws(() => run({ failures }), (error: InspectorError) => {
    assert(error instanceof RunError && error.message.includes("another xdp-inspector"));
    return true;
  });
});

Deno.test("attach() throws the refusal of the one hook that was asked for", () => {
  const refused = {
    native: new SystemError("attach", EINVAL),
    generic: new SystemError("a", EBUSY),
  };
  for (
    const [mode, says] of [["native", "LRO, hardware GRO"], ["generic", "a moment ago"]] as const
  ) {
    assert.throws(() => run({ mode, failures: refused }), (error: InspectorError) => {
      assert(error instanceof RunError && error.message.includes(says), String(error));
      return true;
    });
  }
  const unsupported = new UnsupportedError("no such helper");
  const loadFailures = { inspect_xdp: unsupported };
  assert.throws(() => run({ mode: "native", loadFailures }), unsupported);
});
