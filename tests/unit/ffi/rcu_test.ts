import assert from "node:assert/strict";
import { libbpf } from "../../../ffi/bpf/load_libbpf.ts";
import { libc } from "../../../ffi/linux/load_libc.ts";
import { ffiModule, runText } from "./subprocess.ts";
import { synchronizeByMapUpdate, synchronizeRcu } from "../../../ffi/bpf/rcu.ts";
import { failure, replaceNative } from "../../support/native_stand_ins.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();
libbpf();

const EPERM = 1;
const EINVAL = 22;
const ENOSYS = 38;

/** Numbers of descriptors that are none. */
const FIRST_FD = 1_000_000;

/**
 * Stands in for what the kernel is asked for; `log` says what was.
 *
 * @param fault the function that fails: for `bpf_map_create` the first or the second call
 */
function kernel(barrier: () => bigint | -1, fault = "") {
  const log: string[] = [];
  let maps = 0;
  const act = (action: string, result: number) => {
    log.push(action);
    return action === fault ? -EPERM : result;
  };
  const { close, syscall } = libc();
  const replaced = [
    replaceNative(libc(), {
      syscall: (...values: Parameters<typeof syscall>) => {
        // Rights are this process's own.
        if (values[0] !== SYS_MEMBARRIER) return syscall(...values);
        log.push(`syscall ${values.join(" ")}`);
        return barrier();
      },
      close: (fd: number) => fd < FIRST_FD ? close(fd) : act(`close ${fd - FIRST_FD}`, 0),
    }),
    replaceNative(libbpf(), {
      bpf_map_create: () => act(`create ${++maps}`, FIRST_FD + maps),
      bpf_map_update_elem: () => act("update", 0),
    }),
  ];
  return {
    log,
    [Symbol.dispose]: () => {
      for (const one of replaced) one[Symbol.dispose]();
    },
  };
}

/** `membarrier(MEMBARRIER_CMD_GLOBAL)`: `include/uapi/linux/membarrier.h`. */
const SYS_MEMBARRIER = Deno.build.arch === "x86_64" ? 324n : 283n;
const BARRIER = `syscall ${SYS_MEMBARRIER} 1 0 0 0`;
const BY_MAP_UPDATE = ["create 1", "create 2", "update", "close 2", "close 1"];

Deno.test("synchronizeRcu() asks for the global barrier, once and for nothing else", () => {
  using asked = kernel(() => 0n);
  synchronizeRcu();
  assert.deepEqual(asked.log, [BARRIER]);
});

for (const errno of [EINVAL, ENOSYS]) {
  Deno.test(`synchronizeRcu() replaces a map in a map where there is no barrier (errno ${errno})`, () => {
    using asked = kernel(() => failure(errno));
    synchronizeRcu();
    assert.deepEqual(asked.log, [BARRIER, ...BY_MAP_UPDATE]);
  });
}

Deno.test("synchronizeRcu() throws when the barrier is forbidden", () => {
  using asked = kernel(() => failure(EPERM));
  assert.throws(synchronizeRcu, {
    name: "SystemError",
    code: "EPERM",
    operation: "wait for running BPF programs",
  });
  assert.deepEqual(asked.log, [BARRIER]);
});

for (const [index, fault] of ["create 1", "create 2", "update"].entries()) {
  Deno.test(`synchronizeByMapUpdate() closes what it has opened when "${fault}" fails`, () => {
    using asked = kernel(() => 0n, fault);
    assert.throws(synchronizeByMapUpdate, { name: "SystemError", code: "EPERM" });
    const closed = [[], ["close 1"], ["close 2", "close 1"]][index]!;
    assert.deepEqual(asked.log, [...BY_MAP_UPDATE.slice(0, index + 1), ...closed]);
  });
}

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
