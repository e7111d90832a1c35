import assert from "node:assert/strict";
import { libc } from "../../../ffi/bpf/load_libbpf.ts";
import { ffiModule, runText } from "./subprocess.ts";
import { synchronizeRcu } from "../../../ffi/bpf/rcu.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();

Deno.test("synchronizeRcu() returns on a machine without libbpf", () => {
  const text = `
    import { synchronizeRcu } from ${JSON.stringify(ffiModule("bpf/rcu.ts"))};
    synchronizeRcu();
    console.log("done");
  `;
  const { code, stdout, stderr } = runText(text, ["-A"], {
    XDP_INSPECTOR_LIBBPF: "/nowhere/libbpf.so.1",
  });
  // A kernel booted with nohz_full has to take the way that needs libbpf.
  if (/nohz_full=/.test(Deno.readTextFileSync("/proc/cmdline"))) assert.match(stderr, /libbpf/);
  else assert.deepEqual({ code, stdout }, { code: 0, stdout: "done\n" }, stderr);
});

Deno.test("synchronizeRcu() may be called again and again", () => {
  for (let call = 0; call < 3; call++) synchronizeRcu();
});
