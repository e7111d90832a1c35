import assert from "node:assert/strict";
import { constants } from "node:os";
import {
  checkLibbpf,
  checkLibc,
  ERRNO,
  errorName,
  errorText,
  SystemError,
} from "../../../ffi/linux/errno.ts";
import { libc } from "../../../ffi/linux/load_libc.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();

Deno.test("errorName() agrees with the system's own table", () => {
  // EWOULDBLOCK and EOPNOTSUPP share their numbers with others: only one of the names can be given.
  const shared = new Set(["EWOULDBLOCK", "ENOTSUP"]);
  const system = Object.entries(constants.errno).filter(([name]) => !shared.has(name));
  assert.ok(system.length > 70);
  for (const [name, number] of system) assert.equal(errorName(number), name);
});

Deno.test("ERRNO has the numbers of the names", () => {
  for (const [name, number] of Object.entries(ERRNO)) assert.equal(errorName(number), name);
});

Deno.test("errorText() describes errors of the kernel and of libbpf", () => {
  assert.equal(errorText(2), "no such file or directory");
  assert.equal(errorText(524), "operation is not supported");
  assert.equal(errorText(4001), "BPF object format invalid");
});

Deno.test("errorName() and errorText() keep an unknown number", () => {
  assert.equal(errorName(9999), "E9999");
  assert.equal(errorText(9999), "unknown error 9999");
});

Deno.test("SystemError says what failed and why", () => {
  const error = new SystemError("attach the program", 16);
  assert.equal(error.message, "Cannot attach the program: device or resource busy (EBUSY)");
  assert.equal(error.name, "SystemError");
  assert.equal(error.errno, 16);
  assert.equal(error.code, "EBUSY");
  assert.equal(error.operation, "attach the program");
});

Deno.test("checkLibbpf() returns what is not negative", () => {
  assert.equal(checkLibbpf("count", 0), 0);
  assert.equal(checkLibbpf("count", 7), 7);
});

Deno.test("checkLibbpf() throws for a negative error number", () => {
  assert.throws(() => checkLibbpf("count", -13), { name: "SystemError", code: "EACCES" });
});

Deno.test("checkLibc() throws with the errno of the failed call", () => {
  assert.throws(() => checkLibc("close it", (symbols) => symbols.close(-1)), {
    name: "SystemError",
    code: "EBADF",
    message: "Cannot close it: bad file descriptor (EBADF)",
  });
});

Deno.test("checkLibc() throws with errno also for a 64-bit result", () => {
  assert.throws(
    () => checkLibc("read it", (symbols) => symbols.read(-1, new Uint8Array(1), 1n)),
    { name: "SystemError", code: "EBADF" },
  );
});
