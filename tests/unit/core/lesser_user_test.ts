import assert from "node:assert/strict";
import { callerOfSudo } from "../../../src/core/lesser_user.ts";

Deno.test({
  name: "callerOfSudo() takes numbers of users and nothing else",
  ignore: Deno.uid() !== 0,
  fn() {
    const caller = (user: string, group: string) => {
      Deno.env.set("SUDO_UID", user);
      Deno.env.set("SUDO_GID", group);
      try {
        return callerOfSudo();
      } finally {
        Deno.env.delete("SUDO_UID");
        Deno.env.delete("SUDO_GID");
      }
    };
    assert.equal(callerOfSudo(), null);
    assert.deepEqual(caller("4294967294", "0"), { user: 4294967294, group: 0 });
    for (const invalid of ["", "-1", "1e3", "4294967295", "0x10", " 7"]) {
      assert.equal(caller(invalid, "1"), null);
      assert.equal(caller("1", invalid), null);
    }
  },
});
