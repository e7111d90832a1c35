import assert from "node:assert/strict";
import { ffiModule, runText } from "./subprocess.ts";

Deno.test("importing ffi/mod.ts opens no library", () => {
  // Without --allow-ffi every Deno.dlopen throws, whether the library is there or not.
  const text = `
    import * as ffi from ${JSON.stringify(ffiModule("mod.ts"))};
    console.log(typeof ffi.BpfObject.load);
    try { ffi.readClocks(); } catch (error) { console.log(error.name); }
  `;
  const { code, stdout, stderr } = runText(text, []);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "function\nNotCapable\n");
});
