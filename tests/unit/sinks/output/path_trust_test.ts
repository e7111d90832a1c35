import assert from "node:assert/strict";
import type { FileStatus } from "../../../../ffi/mod.ts";
import {
  directoryFault,
  linkFault,
  replaceFault,
} from "../../../../src/sinks/output/path_trust.ts";

const ROOT = { user: 0, group: 0, caller: null };
const SUDO = { user: 0, group: 0, caller: { user: 1000, group: 1001 } };
const ALICE = { user: 1000, group: 1001, caller: null };

function status(uid: number, gid: number, mode: number): FileStatus {
  return { kind: "directory", uid, gid, mode, links: 2, size: 0, identity: "1:2" };
}

Deno.test("directoryFault() lets root write where nobody else may replace files", () => {
  const everybody = "every user may replace files in it";
  const group = "the users of group 50 may replace files in it";
  const cases: readonly (readonly [FileStatus, typeof SUDO | typeof ROOT, string | null])[] = [
    [status(0, 0, 0o755), ROOT, null],
    [status(0, 0, 0o1777), ROOT, null],
    [status(0, 0, 0o777), ROOT, everybody],
    [status(0, 0, 0o757), SUDO, everybody],
    [status(1000, 50, 0o702), SUDO, everybody],
    [status(1000, 50, 0o755), ROOT, null],
    [status(0, 50, 0o775), ROOT, group],
    [status(0, 50, 0o1775), ROOT, null],
    [status(0, 50, 0o755), ROOT, null],
    [status(0, 0, 0o775), ROOT, null],
    [status(1000, 1001, 0o775), SUDO, null],
    [status(0, 1001, 0o775), ROOT, "the users of group 1001 may replace files in it"],
    [status(50, 50, 0o775), ROOT, null],
    [status(0, 50, 0o2775), { ...ROOT, group: 50 }, null],
  ];
  for (const [directory, identity, fault] of cases) {
    assert.equal(directoryFault(directory, identity), fault, JSON.stringify([directory, identity]));
  }
});

Deno.test("directoryFault() leaves it to the kernel what users other than root may do", () => {
  assert.equal(directoryFault(status(0, 0, 0o777), ALICE), null);
});

Deno.test("linkFault() follows links as the kernel does, and root's output no stranger's", () => {
  const fault = (link: number, directory: FileStatus, isOutput: boolean, identity: typeof ROOT) =>
    linkFault(status(link, 0, 0o777), directory, isOutput, identity) !== null;
  const [tmp, shared, sticky, plain] = [0o1777, 0o777, 0o1755, 0o755].map((mode) => {
    return status(77, 0, mode);
  }) as [FileStatus, FileStatus, FileStatus, FileStatus];
  for (const isOutput of [false, true]) {
    // In a sticky directory of everybody's: ours and its owner's.
    for (const identity of [ROOT, SUDO, ALICE]) {
      assert.equal(fault(65534, tmp, isOutput, identity as typeof ROOT), true);
      assert.equal(fault(77, tmp, isOutput, identity as typeof ROOT), false);
      assert.equal(fault(identity.user, tmp, isOutput, identity as typeof ROOT), false);
    }
    assert.equal(fault(1000, tmp, isOutput, SUDO as unknown as typeof ROOT), false);
    assert.equal(fault(1000, tmp, isOutput, ROOT), true);
    assert.equal(fault(0, tmp, isOutput, ALICE), true);
    for (const directory of [shared, sticky, plain]) {
      assert.equal(fault(65534, directory, isOutput, ALICE), false);
      assert.equal(fault(65534, directory, isOutput, ROOT), isOutput);
      assert.equal(fault(77, directory, isOutput, ROOT), false);
    }
  }
});

Deno.test("replaceFault() knows the owners that may replace a file in a sticky directory", () => {
  const fault = (file: number, directory: number, mode: number, identity: typeof ROOT) =>
    replaceFault(status(file, 0, 0o644), status(directory, 0, mode), identity);
  const stranger = "it belongs to another user";
  assert.equal(fault(77, 0, 0o1777, ALICE as typeof ROOT), stranger);
  assert.equal(fault(0, 0, 0o1755, ALICE as typeof ROOT), stranger);
  assert.equal(fault(77, 0, 0o777, ALICE as typeof ROOT), null);
  assert.equal(fault(1000, 0, 0o1777, ALICE as typeof ROOT), null);
  assert.equal(fault(77, 1000, 0o1777, ALICE as typeof ROOT), null);
  assert.equal(fault(77, 0, 0o1777, ROOT), null);
});
