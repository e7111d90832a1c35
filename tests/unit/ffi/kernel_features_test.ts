import assert from "node:assert/strict";
import { isJitOff } from "../../../ffi/kernel_features.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

Deno.test("isJitOff() reads the setting of the kernel; without it there is a JIT or nothing", () => {
  using directory = TempDirectory.create();
  const setting = directory.file("bpf_jit_enable");
  assert.equal(isJitOff(setting), false);
  for (const [text, expected] of [["0\n", true], ["1\n", false], ["2\n", false]] as const) {
    Deno.writeTextFileSync(setting, text);
    assert.equal(isJitOff(setting), expected, text);
  }
});
