import assert from "node:assert/strict";
import { type Confinement, confinementOf, refusalHint } from "../../../src/core/confinement.ts";

const ALL_USERS = "         0          0 4294967295\n";
const ALL_CAPABILITIES = "000001ffffffffff";

function status(uid: number, capabilities: string, seccomp = 0): string {
  return `Name:\tdeno\nUid:\t1000\t${uid}\t1000\t1000\nCapEff:\t${capabilities}\nSeccomp:\t${seccomp}\n`;
}

const FREE: Confinement = {
  missingCapabilities: [],
  isRoot: true,
  inUserNamespace: false,
  hasSeccompFilter: false,
};

Deno.test("confinementOf() reads the effective user, capabilities and the seccomp filter", () => {
  assert.deepEqual(confinementOf(status(0, ALL_CAPABILITIES), ALL_USERS), FREE);
  assert.deepEqual(confinementOf(status(1000, "0000000000000000", 2), ALL_USERS), {
    missingCapabilities: ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"],
    isRoot: false,
    inUserNamespace: false,
    hasSeccompFilter: true,
  });
  // 1 is the strict mode, in which this program could not run at all.
  assert.equal(confinementOf(status(0, ALL_CAPABILITIES, 1), ALL_USERS).hasSeccompFilter, false);
});

Deno.test("confinementOf() sees a user namespace by its map of users", () => {
  for (const map of ["0 1000 1\n", "0 1000 1\n1 100000 65536\n", "0 100000 65536\n"]) {
    assert.equal(confinementOf(status(0, ALL_CAPABILITIES), map).inUserNamespace, true, map);
  }
  assert.equal(confinementOf(status(0, ALL_CAPABILITIES), "").inUserNamespace, false);
});

Deno.test("refusalHint() gives the way out of each confinement", () => {
  const lacking = { ...FREE, missingCapabilities: ["CAP_BPF"] };
  const hints: [Confinement, RegExp][] = [
    [{ ...lacking, isRoot: false }, /^Run it with sudo, or give the process CAP_BPF/],
    [{ ...lacking, isRoot: false, inUserNamespace: true }, /^Run it with sudo/],
    [lacking, /^This root lacks capabilities, as in a container: .*--cap-add/],
    [{ ...lacking, inUserNamespace: true }, /^This root is one of a user namespace/],
    [{ ...FREE, inUserNamespace: true }, /rootless container: run it as root of the host$/],
    [{ ...FREE, hasSeccompFilter: true }, /^A seccomp filter can forbid bpf\(\).*container/],
    [FREE, /kernel lockdown, a security module or a container/],
  ];
  for (const [confinement, hint] of hints) assert.match(refusalHint(confinement), hint);
});
