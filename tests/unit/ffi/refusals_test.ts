/** What a refusal of the kernel is taken for: a kernel of the test's own, no privilege. */
import assert from "node:assert/strict";
import { BpfObject } from "../../../ffi/bpf/bpf_object.ts";
import { libbpf } from "../../../ffi/bpf/load_libbpf.ts";
import { libc } from "../../../ffi/linux/load_libc.ts";
import { inPrivateNetwork } from "../../../ffi/linux/network_namespace.ts";
import { checkPrivileged } from "../../../ffi/linux/privilege.ts";
import { hasTcx, queryTcx } from "../../../ffi/bpf/tcx_query.ts";
import { VerifierError } from "../../../ffi/bpf/verifier_log.ts";
import { type InspectorError, RunError, UnsupportedError } from "../../../src/core/errors.ts";
import { CONFIG_BYTES } from "../../../src/contract/record_layout.ts";
import { failure, replaceNative } from "../../support/native_stand_ins.ts";
import { openDescriptors } from "../../support/open_descriptors.ts";
import { StandInKernel } from "../../support/stand_in_kernel.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();
libbpf();

const EPERM = 1;
const EIO = 5;
const E2BIG = 7;
const ENOMEM = 12;
const EACCES = 13;
const ENODEV = 19;
const EINVAL = 22;
const ENOSYS = 38;
const ENOTSUPP = 524;

/** What loading says when the kernel returns `errno` and the verifier writes `log`. */
function refusalOfLoad(errno: number, log = ""): InspectorError {
  using kernel = new StandInKernel();
  kernel.load = { result: -errno, log };
  const options = { program: "inspect_xdp", config: new Uint8Array(CONFIG_BYTES) };
  try {
    BpfObject.load(new Uint8Array(8), options);
  } catch (error) {
    return error as InspectorError;
  }
  return assert.fail("nothing was refused");
}

/** Lets this process look like one with just these capabilities: proc_pid_status(5). */
function withCapabilities(bits: bigint): Disposable {
  const { readTextFileSync } = Deno;
  Deno.readTextFileSync = (path) => {
    const text = readTextFileSync(path);
    if (path !== "/proc/self/status") return text;
    return text.replace(/^CapEff:.*$/m, `CapEff:\t${bits.toString(16).padStart(16, "0")}`);
  };
  return { [Symbol.dispose]: () => void (Deno.readTextFileSync = readTextFileSync) };
}

const CAP_NET_ADMIN = 1n << 12n;
const CAP_PERFMON = 1n << 38n;
const CAP_BPF = 1n << 39n;

const ACTION = 'Cannot load the BPF program "inspect_xdp"';

Deno.test("BpfObject.load() says that there is not enough memory, and what takes less", () => {
  const error = refusalOfLoad(ENOMEM);
  assert.ok(error instanceof RunError);
  assert.equal(error.message, `${ACTION}: not enough memory for its maps`);
  assert.equal(error.hint, "Use a smaller --buffer");
});

Deno.test("BpfObject.load() takes EPERM and EACCES without a log for a lack of privilege", () => {
  for (const [errno, code] of [[EPERM, "EPERM"], [EACCES, "EACCES"]] as const) {
    const error = refusalOfLoad(errno);
    assert.ok(error instanceof UnsupportedError);
    assert.equal(error.message, `${ACTION}: permission denied (${code})`);
  }
});

Deno.test("BpfObject.load() takes the verifier's refusal for a lack of privilege without CAP_PERFMON", () => {
  const log = "R3 pointer arithmetic on pkt prohibited\nprocessed 5 insns\n";
  {
    using _status = withCapabilities(CAP_NET_ADMIN | CAP_BPF);
    const error = refusalOfLoad(EACCES, log);
    assert.ok(error instanceof UnsupportedError);
    assert.equal(error.message, `${ACTION}: permission denied (EACCES)`);
    assert.match(error.hint ?? "", /PERFMON/);
    assert.ok(error.cause instanceof VerifierError);
  }
  using _status = withCapabilities(CAP_NET_ADMIN | CAP_BPF | CAP_PERFMON);
  const error = refusalOfLoad(EACCES, log);
  assert.ok(error instanceof RunError);
  assert.match(error.message, /pointer arithmetic/);
});

Deno.test("BpfObject.load() names a missing system call and a missing compiler", () => {
  assert.equal(refusalOfLoad(ENOSYS).message, `${ACTION}: this kernel has no system call bpf()`);
  assert.equal(
    refusalOfLoad(ENOTSUPP).message,
    `${ACTION}: the BPF JIT compiler of this kernel is off, or cannot call functions`,
  );
  assert.ok(refusalOfLoad(ENOTSUPP) instanceof UnsupportedError);
  assert.equal(refusalOfLoad(E2BIG).message, `${ACTION}: argument list too long`);
});

Deno.test("checkPrivileged() takes EPERM and EACCES for a lack of privilege, and nothing else", () => {
  assert.equal(checkPrivileged("do it", 3), 3);
  for (const [errno, code] of [[EPERM, "EPERM"], [EACCES, "EACCES"]] as const) {
    assert.throws(() => checkPrivileged("do it", -errno), {
      name: "UnsupportedError",
      message: `Cannot do it: permission denied (${code})`,
      exitCode: 3,
    });
  }
  assert.throws(() => checkPrivileged("do it", -EIO), { name: "SystemError", code: "EIO" });
});

Deno.test("hasTcx() tells an interface that has gone from a kernel without TCX", () => {
  using kernel = new StandInKernel();
  const answers = [0, -ENODEV, -EINVAL].map((result) => {
    kernel.tcxQuery = result;
    return hasTcx(2_000_000_000);
  });
  assert.deepEqual(answers, [true, true, false]);
  kernel.tcxQuery = -EPERM;
  assert.throws(() => hasTcx(2_000_000_000), { name: "UnsupportedError" });
});

Deno.test("queryTcx() throws when the interface has gone", () => {
  using kernel = new StandInKernel();
  kernel.tcxQuery = -ENODEV;
  const query = () => queryTcx(2_000_000_000, "ingress");
  assert.throws(query, { name: "SystemError", code: "ENODEV" });
  kernel.tcxQuery = -EINVAL;
  assert.equal(query(), undefined);
});

Deno.test("inPrivateNetwork() throws when this thread cannot go back", () => {
  const open = () => openDescriptors(/^net:/).length;
  const before = open();
  let ran = 0;
  using _libc = replaceNative(libc(), { unshare: () => 0, setns: () => failure(EPERM) });
  assert.throws(() => inPrivateNetwork(() => ++ran), {
    name: "SystemError",
    code: "EPERM",
    operation: "go back to the network namespace",
  });
  assert.equal(ran, 1);
  assert.equal(open(), before);
});

Deno.test("inPrivateNetwork() does nothing when there is no private network to be had", () => {
  const open = () => openDescriptors(/^net:/).length;
  const before = open();
  using _libc = replaceNative(libc(), { unshare: () => failure(EPERM) });
  assert.throws(() => inPrivateNetwork(() => assert.fail("it ran")), { code: "EPERM" });
  assert.equal(open(), before);
});
