/** Which hook is taken when the kernel refuses one: a kernel of the test's own, no privilege. */
import assert from "node:assert/strict";
import { SystemError } from "../../../ffi/linux/errno.ts";
import { libbpf, libc } from "../../../ffi/bpf/load_libbpf.ts";
import { attach } from "../../../src/attach/attach.ts";
import { explainTc, explainXdp, xdpFailure } from "../../../src/attach/attach_errors.ts";
import type { AttachPoint, ProgramName } from "../../../src/attach/attach_plan.ts";
import { type InspectorError, RunError, UnsupportedError } from "../../../src/core/errors.ts";
import { StandInKernel } from "../../support/stand_in_kernel.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();
libbpf();

const EEXIST = 17;
const ENODEV = 19;
const EINVAL = 22;
const EBUSY = 16;
const EOPNOTSUPP = 95;

/** No interface of this machine. */
const POINT: AttachPoint = { interface: "eth7", ifindex: 2_000_000_000, direction: "ingress" };

function refusal(action: () => unknown): InspectorError {
  try {
    action();
  } catch (error) {
    return error as InspectorError;
  }
  return assert.fail("nothing was refused");
}

function load(_program: ProgramName): number {
  return 1_500_000;
}

for (const mode of ["auto", "native", "generic"] as const) {
  Deno.test(`attach() says that the interface has disappeared when it has, in mode ${mode}`, () => {
    using kernel = new StandInKernel();
    kernel.link = (kind) => kind.startsWith("xdp") ? -ENODEV : 0;
    const error = refusal(() => attach(load, POINT, mode));
    assert.ok(error instanceof RunError);
    assert.equal(error.message, 'Cannot attach to "eth7": the interface has disappeared');
    assert.deepEqual(kernel.log, []);
  });
}

for (const errno of [EBUSY, EEXIST]) {
  Deno.test(`attach() refuses an XDP hook that somebody takes at that moment (errno ${errno})`, () => {
    using kernel = new StandInKernel();
    kernel.link = (kind) => {
      if (!kind.startsWith("xdp")) return 0;
      kernel.xdpProgram = 77;
      return -errno;
    };
    const error = refusal(() => attach(load, POINT, "auto"));
    assert.ok(error instanceof RunError);
    assert.match(
      error.message,
      /^Cannot attach to "eth7": another XDP program is attached \(program id 77, /,
    );
    assert.match(error.hint ?? "", /"--mode tc"/);
    assert.deepEqual(kernel.log, []);
  });
}

Deno.test("attach() goes on to TC when no way of XDP is possible, and says why", () => {
  using kernel = new StandInKernel();
  kernel.link = (kind) => kind.startsWith("xdp") ? -EOPNOTSUPP : 0;
  using attachment = attach(load, POINT, "auto").holder;
  assert.equal(attachment.isAttached(), true);
  assert.deepEqual(kernel.log, ["attach tcx"]);
});

Deno.test("attach() goes on to TC when the XDP program cannot be loaded any more", () => {
  using kernel = new StandInKernel();
  const loaded: ProgramName[] = [];
  const { holder, hook, mode, reason } = attach(
    (program) => {
      if (program === "inspect_xdp") throw new UnsupportedError("Cannot load it: no compiler");
      loaded.push(program);
      return load(program);
    },
    POINT,
    "auto",
  );
  holder[Symbol.dispose]();
  assert.deepEqual([hook, mode], ["tcx", "tcx"]);
  assert.match(reason, /cannot load it: no compiler/);
  assert.deepEqual(loaded, ["inspect_tc_ingress"]);
  assert.deepEqual(kernel.log, ["attach tcx", "detach tcx"]);
});

Deno.test("attach() does not hide that the XDP program cannot be loaded where it was asked for", () => {
  for (const mode of ["native", "generic"] as const) {
    using kernel = new StandInKernel();
    const missing = new UnsupportedError("Cannot load it: no compiler");
    assert.throws(() =>
      attach(
        () => {
          throw missing;
        },
        POINT,
        mode,
      ), missing);
    assert.deepEqual(kernel.log, []);
  }
});

Deno.test("xdpFailure() has words for each refusal that a user can do something about", () => {
  const words = (errno: number) => xdpFailure(new SystemError("attach", errno));
  assert.equal(words(EOPNOTSUPP), "the driver has no native XDP");
  assert.equal(
    words(EINVAL),
    "the driver refuses it with the present MTU or offloads (LRO, hardware GRO)",
  );
  assert.equal(words(28), "the driver has too few receive queues");
  assert.equal(words(EEXIST), "an interface above this one (bond, bridge) has an XDP program");
  assert.equal(words(5), "Cannot attach: input/output error (EIO)");
});

Deno.test("explainXdp() tells a hook that is taken from an interface that has gone", () => {
  const explained = (errno: number) =>
    explainXdp(new SystemError("attach", errno), POINT, "native").message;
  assert.equal(
    explained(EBUSY),
    'Cannot attach to "eth7": another XDP program is attached (attached a moment ago)',
  );
  assert.equal(explained(ENODEV), 'Cannot attach to "eth7": the interface has disappeared');
  assert.equal(
    explained(EEXIST),
    'Cannot attach to "eth7" in native mode: an interface above this one (bond, bridge) has an ' +
      "XDP program",
  );
});

Deno.test("explainTc() explains a qdisc of kind ingress, and another recording", () => {
  const explained = (errno: number) => explainTc(new SystemError("attach", errno), POINT);
  const ingress = explained(EEXIST);
  assert.match(ingress.message, /: its "ingress" qdisc leaves no place for a "clsact" qdisc$/);
  assert.equal(ingress.hint, 'Record what arrives only, with "--direction in"');
  const other = explained(98);
  assert.match(other.message, /: another xdp-inspector records there$/);
  assert.equal(other.hint, "End that one first");
  assert.match(explained(ENODEV).message, /: the interface has disappeared$/);
});
