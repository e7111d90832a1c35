import assert from "node:assert/strict";
import { onlineProcessors } from "../../../ffi/mod.ts";

/** Numbers in a list such as `0-3,8` (Documentation/admin-guide/cputopology.rst). */
function countOf(list: string): number {
  return list.trim().split(",").reduce((sum, range) => {
    const [first, last] = range.split("-").map(Number);
    return sum + (last ?? first!) - first! + 1;
  }, 0);
}

const ONLINE = countOf(Deno.readTextFileSync("/sys/devices/system/cpu/online"));

Deno.test("onlineProcessors() counts the processors of the machine", () => {
  assert.equal(onlineProcessors(), ONLINE);
});

Deno.test("onlineProcessors() counts those too that this process may not run on", async () => {
  const module = new URL("../../../ffi/mod.ts", import.meta.url).href;
  const allowed = /^Cpus_allowed_list:\s*(\d+)/m.exec(Deno.readTextFileSync("/proc/self/status"))!;
  const { stdout } = await new Deno.Command("taskset", {
    args: [
      ...["--cpu-list", allowed[1]!, Deno.execPath(), "eval", "--quiet"],
      `import { onlineProcessors } from "${module}"; console.log(onlineProcessors());`,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(new TextDecoder().decode(stdout).trim(), String(ONLINE));
});
