import assert from "node:assert/strict";
import { libc } from "../../../ffi/linux/load_libc.ts";
import { interfaceIndex } from "../../../ffi/bpf/xdp_query.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();

Deno.test("interfaceIndex() finds an interface by its name", () => {
  const expected = Number(Deno.readTextFileSync("/sys/class/net/lo/ifindex"));
  assert.equal(interfaceIndex("lo"), expected);
});

Deno.test("interfaceIndex() is 0 for an unknown, an empty and an overlong name", () => {
  for (const name of ["nosuchiface", "", "a-name-longer-than-fifteen"]) {
    assert.equal(interfaceIndex(name), 0);
  }
});
