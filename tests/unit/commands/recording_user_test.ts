import { deepEqual, throws } from "node:assert/strict";
import {
  type Caller,
  mayLookUp,
  ownCaller,
  recordingUser,
} from "../../../src/commands/record/recording_user.ts";

const ROOT: Caller = { isRoot: true, mayChange: true, sudo: [undefined, undefined] };
const NOBODY = { user: 65534, group: 65534 };
const SUDO = { ...ROOT, sudo: ["1000", "1001"] } as const;
const CALLER = { user: 1000, group: 1001 };
const DAEMON = { user: 1, group: 1 };

Deno.test("recordingUser() is the caller of sudo, else nobody, whose files are root's", () => {
  deepEqual(recordingUser(null, SUDO), { identity: CALLER, owner: CALLER, demanded: null });
  const root = { user: 0, group: 0 };
  deepEqual(recordingUser(null, ROOT), { identity: NOBODY, owner: root, demanded: null });
  const byRoot = { ...ROOT, sudo: ["0", "0"] } as const;
  deepEqual(recordingUser(null, byRoot), { identity: NOBODY, owner: root, demanded: null });
});

Deno.test("recordingUser() is nobody when the environment names no user", () => {
  for (
    const sudo of [["", ""], ["1000", undefined], ["x", "1"], ["-1", "1"], ["4294967295", "1"]]
  ) {
    const caller = { ...ROOT, sudo: sudo as unknown as Caller["sudo"] };
    deepEqual(recordingUser(null, caller).identity, NOBODY, String(sudo));
  }
});

Deno.test("recordingUser() is the user that was asked for before all others", () => {
  deepEqual(recordingUser("daemon", SUDO), { identity: DAEMON, owner: DAEMON, demanded: "daemon" });
  deepEqual(recordingUser("root", SUDO), {
    identity: null,
    owner: { user: 0, group: 0 },
    demanded: "root",
  });
});

Deno.test("recordingUser() stays root when it may not change its user", () => {
  deepEqual(recordingUser(null, { ...SUDO, mayChange: false }), {
    identity: null,
    owner: CALLER,
    demanded: null,
  });
});

Deno.test("recordingUser() refuses a user that was asked for and that it cannot become", () => {
  const little = { ...SUDO, mayChange: false };
  throws(
    () => recordingUser("daemon", little),
    /Cannot become user "daemon": this root lacks cap/,
  );
  deepEqual(recordingUser("root", little).identity, null);
});

Deno.test("ownCaller() may change its user only with all that its files take afterwards", () => {
  // CHOWN, DAC_OVERRIDE, FOWNER, SETGID and SETUID of include/uapi/linux/capability.h.
  const all = 0b1100_1011n;
  deepEqual(ownCaller(all).mayChange, true);
  for (const bit of [0n, 1n, 3n, 6n, 7n]) {
    deepEqual(ownCaller(all & ~(1n << bit)).mayChange, false, String(bit));
  }
});

Deno.test("recordingUser() of somebody else than root changes nothing", () => {
  const user = { ...SUDO, isRoot: false };
  deepEqual(recordingUser(null, user), { identity: null, owner: null, demanded: null });
  throws(() => recordingUser("daemon", user), /Cannot become user "daemon": only root can/);
});

Deno.test("recordingUser() refuses a name that nobody has", () => {
  throws(() => recordingUser("no-such-user", ROOT), /there is no such user/);
});

Deno.test("mayLookUp() asks for the right of the user, of the group or of others", () => {
  const directory = Deno.makeTempDirSync({ prefix: "xdp-inspector-test-" });
  try {
    const { uid, gid } = Deno.statSync(directory);
    const own = { user: uid!, group: gid! };
    const member = { user: uid! + 1, group: gid! };
    const other = { user: uid! + 1, group: gid! + 1 };
    const who = () => [own, member, other].map((one) => mayLookUp(one, ["/", directory]));
    Deno.chmodSync(directory, 0o700);
    deepEqual(who(), [true, false, false]);
    Deno.chmodSync(directory, 0o710);
    deepEqual(who(), [true, true, false]);
    Deno.chmodSync(directory, 0o701);
    deepEqual(who(), [true, false, true]);
  } finally {
    Deno.removeSync(directory);
  }
});
