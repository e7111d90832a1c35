import assert from "node:assert/strict";
import { libbpf } from "../../../ffi/bpf/load_libbpf.ts";
import { libc } from "../../../ffi/linux/load_libc.ts";
import { listInterfaces } from "../../../src/attach/interface_list.ts";
import { StandInKernel } from "../../support/stand_in_kernel.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();
libbpf();

/** What the list says of TCX when the question for it returns `result`. */
function tcxOf(result: number): unknown {
  using kernel = new StandInKernel();
  kernel.tcxQuery = result;
  return listInterfaces().find(({ link }) => link.name === "lo")?.tcx;
}

Deno.test("listInterfaces() goes on when an interface has gone since it was listed", () => {
  assert.deepEqual(tcxOf(-19), []); // ENODEV
});

Deno.test("listInterfaces() tells no privilege from no TCX", () => {
  assert.equal(tcxOf(-1), null); // EPERM
  assert.equal(tcxOf(-13), null); // EACCES
  assert.deepEqual(tcxOf(-22), []); // EINVAL: before Linux 6.6
});

Deno.test("listInterfaces() does not hide any other failure", () => {
  assert.throws(() => tcxOf(-5), { name: "SystemError", code: "EIO" });
});
