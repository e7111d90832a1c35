/**
 * Who a recording goes on as once its programs are attached.
 *
 * @module
 */
import { capabilityBits, findUser, ownCapabilities } from "../../../ffi/mod.ts";
import { RunError } from "../../core/errors.ts";
import { NOBODY, parseIds, type UserAndGroup } from "../../core/lesser_user.ts";
import { FILE_CAPABILITIES } from "../../sinks/output/file_rights.ts";

const ROOT = { user: 0, group: 0 } as const;

/** What it takes to become another user who still makes files where root can. */
const CHANGING = capabilityBits(["SETGID", "SETUID", ...FILE_CAPABILITIES]);

/** Who records, and whom its files are for. */
export interface RecordingUser {
  /** Who the process becomes; null = it stays who it is. */
  readonly identity: UserAndGroup | null;
  /** Who gets the files; null = whoever makes them. */
  readonly owner: UserAndGroup | null;
  /** The name that was asked for: nobody else will do. Null = none was. */
  readonly demanded: string | null;
}

/** What decides about the user, for tests. */
export interface Caller {
  readonly isRoot: boolean;
  /** Whether it may change its user and groups, and make its files then. */
  readonly mayChange: boolean;
  /** `SUDO_UID` and `SUDO_GID`. */
  readonly sudo: readonly [string | undefined, string | undefined];
}

/**
 * The user that a recording becomes: the one that was asked for, else the caller of sudo, else `nobody`;
 * for somebody other than root, nobody else.
 *
 * @param name of the user that was asked for; null = none
 * @throws {RunError} if there is no such user, or only root could become it
 */
export function recordingUser(name: string | null, caller = ownCaller()): RecordingUser {
  if (!caller.isRoot) {
    if (name === null) return { identity: null, owner: null, demanded: null };
    throw new RunError(`Cannot become user "${name}": only root can`, {
      hint: "Leave --user out, or run it with sudo",
    });
  }
  const [identity, owner] = chosen(name, caller.sudo);
  if (name !== null && identity.user !== 0 && !caller.mayChange) {
    throw new RunError(`Cannot become user "${name}": this root lacks capabilities`, {
      hint: "Leave --user out, or allow CHOWN, DAC_OVERRIDE, FOWNER, SETGID and SETUID as well",
    });
  }
  // A container may have a root that can do little: it loses what it has, but stays root.
  const becomes = identity.user === 0 || !caller.mayChange ? null : identity;
  return { identity: becomes, owner, demanded: name };
}

function chosen(name: string | null, sudo: Caller["sudo"]): [UserAndGroup, UserAndGroup] {
  if (name !== null) {
    const user = findUser(name);
    if (user !== null) return [user, user];
    throw new RunError(`Cannot become user "${name}": there is no such user`, {
      hint: "Name a user of this machine with --user",
    });
  }
  const caller = parseIds(...sudo);
  if (caller !== null && caller.user !== ROOT.user) return [caller, caller];
  // Files of nobody's could be read by all that runs as nobody.
  return [findUser("nobody") ?? NOBODY, ROOT];
}

/** @param effective what this process may do, for tests */
export function ownCaller(effective = ownCapabilities().effective): Caller {
  return {
    isRoot: Deno.uid() === 0,
    mayChange: (effective & CHANGING) === CHANGING,
    sudo: [Deno.env.get("SUDO_UID"), Deno.env.get("SUDO_GID")],
  };
}

/**
 * Whether a user may enter directories that every path leads through, as in nearly every system: some
 * containers and chroots have a root directory that only root may enter.
 *
 * @param directories for tests; else the root directory, and that through which a process finds its own files
 */
export function mayLookUp({ user, group }: UserAndGroup, directories = ["/", "/proc"]): boolean {
  return directories.every((path) => {
    const { mode, uid, gid } = Deno.statSync(path);
    const shift = uid === user ? 6 : gid === group ? 3 : 0;
    return ((mode ?? 0) >> shift & 1) === 1;
  });
}
