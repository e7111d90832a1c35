import assert from "node:assert/strict";
import { allowedMemory, neededMemory } from "../../../src/core/memory_limit.ts";

const MACHINE = 8 * 2 ** 30;

function allowed(files: Readonly<Record<string, string>>): number {
  return allowedMemory((path) => {
    const text = files[path];
    if (text === undefined) throw new Deno.errors.NotFound(path);
    return text;
  }, MACHINE);
}

Deno.test("allowedMemory() is the least limit of the group and of those around it", () => {
  const group = { "/proc/self/cgroup": "0::/system.slice/x.service\n" };
  const base = "/sys/fs/cgroup/system.slice";
  assert.equal(allowed(group), MACHINE);
  assert.equal(allowed({ ...group, [`${base}/x.service/memory.max`]: "max\n" }), MACHINE);
  assert.equal(allowed({ ...group, [`${base}/x.service/memory.max`]: "300000000\n" }), 300_000_000);
  assert.equal(
    allowed({
      ...group,
      [`${base}/x.service/memory.max`]: "300000000\n",
      [`${base}/memory.max`]: "200000000\n",
    }),
    200_000_000,
  );
  // In a container the group is the root of what is seen.
  const inside = { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "400000000\n" };
  assert.equal(allowed(inside), 400_000_000);
});

Deno.test("allowedMemory() knows version 1, alone and with version 2 beside it", () => {
  const files = {
    "/proc/self/cgroup": "5:cpu,cpuacct:/\n4:memory:/box\n0::/\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    "/sys/fs/cgroup/memory/box/memory.limit_in_bytes": "314572800\n",
  };
  assert.equal(allowed(files), 314_572_800);
});

Deno.test("allowedMemory() is all memory where there are no groups", () => {
  assert.equal(allowed({}), MACHINE);
});

Deno.test("neededMemory() grows with the rings", () => {
  assert.equal(neededMemory(2 ** 26) - neededMemory(2 ** 25), 2 ** 25);
});
