import assert from "node:assert/strict";
import type { BpfObject } from "../../../ffi/mod.ts";
import type { ProgramName } from "../../../src/attach/hook_kind.ts";
import { HookPrograms } from "../../../src/attach/hook_programs.ts";
import { RunError, UnsupportedError } from "../../../src/core/errors.ts";

const XDP = "inspect_xdp";
const TC = "inspect_tc_ingress";

/** Loads stand-ins with a running number as fd; refuses those programs that `faults` has. */
function loader(faults: Partial<Record<ProgramName, Error>> = {}) {
  const log: string[] = [];
  let fd = 10;
  const load = (program: ProgramName) => {
    const fault = faults[program];
    if (fault !== undefined) throw fault;
    log.push(program);
    return {
      programFd: fd++,
      releaseProgram: () => log.push(`release ${program}`),
      [Symbol.dispose]: () => log.push(`close ${program}`),
    } as unknown as BpfObject;
  };
  const prepare = (...programs: [ProgramName, ...ProgramName[]]) =>
    HookPrograms.prepare(programs, load);
  return { log, prepare };
}

Deno.test("HookPrograms loads the first choice only, and another when it is asked for", () => {
  const { log, prepare } = loader();
  const programs = prepare(XDP, TC);
  assert.deepEqual(log, ["inspect_xdp"]);
  assert.equal(programs.use("inspect_xdp"), 10);
  assert.equal(programs.current.programFd, 10);
  assert.equal(programs.use("inspect_tc_ingress"), 11);
  assert.equal(programs.current.programFd, 11);
  // The first may have counted packets before it was given up.
  assert.deepEqual([...programs.all].map(({ programFd }) => programFd), [10, 11]);
  programs.releasePrograms();
  programs[Symbol.dispose]();
  assert.deepEqual(log, [
    "inspect_xdp",
    "inspect_tc_ingress",
    "release inspect_xdp",
    "release inspect_tc_ingress",
    "close inspect_xdp",
    "close inspect_tc_ingress",
  ]);
});

Deno.test("HookPrograms.prepare() loads the next program where the kernel cannot load the first", () => {
  const faults = { inspect_xdp: new UnsupportedError("this kernel has no such helper") };
  const { log, prepare } = loader(faults);
  assert.equal(prepare(XDP, TC).current.programFd, 10);
  assert.deepEqual(log, ["inspect_tc_ingress"]);
  assert.throws(() => prepare(XDP), faults.inspect_xdp);
});

Deno.test("HookPrograms.prepare() throws the first fault when no program can be loaded", () => {
  const refused = new UnsupportedError("permission denied");
  const faults = { inspect_xdp: refused, inspect_tc_ingress: new UnsupportedError("again") };
  assert.throws(() => loader(faults).prepare(XDP, TC), refused);
  const broken = new RunError("the object is broken");
  assert.throws(() => loader({ inspect_xdp: broken }).prepare(XDP, TC), broken);
});
