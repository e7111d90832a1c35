/**
 * Giving up privileges, in every thread of this process and for good.
 *
 * @module
 */

import { LIBRARY_DIRECTORY_VARIABLE } from "../bundle/library_directory.ts";
import { callerOfSudo, NOBODY, type UserAndGroup } from "../../src/core/lesser_user.ts";
import {
  CAPABILITY_VERSION,
  capabilityBits,
  type CapabilityName,
  capabilityWords,
  ownCapabilities,
  SYS_CAPSET,
} from "./capability_set.ts";
import { ERRNO, SystemError } from "./errno.ts";
import { ownThread, type ThreadCall, ThreadCalls } from "./thread_calls.ts";

const IS_X86_64 = Deno.build.arch === "x86_64";

/** `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`. */
const SYS_PRCTL = IS_X86_64 ? 157n : 167n;
const SYS_SETGROUPS = IS_X86_64 ? 116n : 159n;
const SYS_SETRESGID = IS_X86_64 ? 119n : 149n;
const SYS_SETRESUID = IS_X86_64 ? 117n : 147n;

/** `include/uapi/linux/prctl.h`. */
const PR_SET_KEEPCAPS = 8;
const PR_CAPBSET_DROP = 24;
const PR_SET_SECUREBITS = 28;
const PR_SET_NO_NEW_PRIVS = 38;

/** `SECBIT_NO_SETUID_FIXUP` of `include/uapi/linux/securebits.h`. */
const NO_SETUID_FIXUP = 1 << 2;

const LAST_CAPABILITY = "/proc/sys/kernel/cap_last_cap";

/** What is left after {@linkcode giveUpPrivileges}. */
export interface Remainder {
  /** Who the process becomes, without other groups; null = it stays who it is. */
  readonly identity: UserAndGroup | null;
  /** What the calling thread may raise by `withCapabilities`. */
  readonly permitted?: readonly CapabilityName[];
  /** What some threads have all the time. */
  readonly effective?: readonly CapabilityName[];
  /** Those threads. */
  readonly effectiveIn?: readonly number[] | "all";
}

/**
 * Takes from every thread, also from those that start later, all capabilities but the remainder, and the
 * ways to get others: the bounding set, as far as the process may change it, and `no_new_privs`.
 *
 * @throws {SystemError} if a thread keeps something; the process is of no use then
 */
export function giveUpPrivileges(remainder: Remainder): void {
  const { identity, permitted = [], effective = [], effectiveIn = [] } = remainder;
  const own = ownThread();
  const allowed = ownCapabilities().permitted;
  const last = lastCapability();
  using threads = ThreadCalls.create();
  const header = threads.argument(0, [CAPABILITY_VERSION, 0]);
  // Made once: what a thread is to call again is not written again.
  const same: readonly ThreadCall[] = [
    ...prctl(PR_SET_NO_NEW_PRIVS, 1, "give up privileges of new programs"),
    // Else access(2), which the runtime asks before it loads a module, knows of no capability
    // (`access_override_creds()` in fs/open.c).
    ...effectiveIn === "all" ? prctl(PR_SET_SECUREBITS, NO_SETUID_FIXUP) : [],
    // Without CAP_SETPCAP they stay, and nobody can use them.
    ...Array.from({ length: last + 1 }, (_, number) => number)
      .flatMap((number) => prctl(PR_CAPBSET_DROP, number)),
  ];
  threads.run((thread) => {
    const hasThem = effectiveIn === "all" || effectiveIn.includes(thread);
    const always = hasThem ? capabilityBits(effective) & allowed : 0n;
    const raisable = thread === own ? capabilityBits(permitted) & allowed : 0n;
    const sets = { effective: always, permitted: always | raisable, inheritable: 0n };
    return [
      ...same,
      ...identity === null ? [] : becomeUser(identity, sets.permitted !== 0n),
      {
        number: SYS_CAPSET,
        arguments: [header, threads.argument(8, capabilityWords(sets))],
        must: "give up capabilities",
      },
    ];
  });
  const anywhere = capabilityBits(effective);
  const here = capabilityBits(permitted);
  verify(
    (thread, left) => (left & ~(anywhere | (thread === own ? here : 0n))) === 0n,
    identity?.user,
  );
}

/** As many as the sets have bits where the file is hidden (`ProcSubset=pid`): the kernel refuses the rest. */
function lastCapability(): number {
  try {
    return Number(Deno.readTextFileSync(LAST_CAPABILITY));
  } catch {
    return 63;
  }
}

/** What lets a process read files whatever their mode, the lesser right first. */
const READING: readonly CapabilityName[] = ["DAC_READ_SEARCH", "DAC_OVERRIDE"];

/**
 * Leaves a process that only reads files what it needs for that: of its capabilities one with which it may
 * read all files, if it has one, as root has; the README's program file with capabilities has none. Root
 * becomes the caller of sudo, else nobody: what other programs grant to root, without asking for
 * capabilities, is not for who has got at this process by a file.
 *
 * @param raisable what the calling thread may still raise, to make its files
 * @param prepare makes what there is ready for the user, before; false = the process must stay who it is
 * @throws {SystemError} as {@linkcode giveUpPrivileges}
 */
export function keepOnlyReading(
  raisable: readonly CapabilityName[] = [],
  prepare: (user: UserAndGroup) => boolean = () => true,
): void {
  const { permitted } = ownCapabilities();
  if (permitted === 0n) return;
  const has = (...names: CapabilityName[]) => {
    const bits = capabilityBits(names);
    return (permitted & bits) === bits;
  };
  const kept = READING.find((name) => has(name));
  const effective = kept === undefined ? [] : [kept];
  // Nobody else may be able to read what this user can, nor to write where libraries are unpacked.
  const mayChange = Deno.uid() === 0 && kept !== undefined && has("SETUID", "SETGID") &&
    !(Deno.build.standalone && Deno.env.has(LIBRARY_DIRECTORY_VARIABLE));
  const user = callerOfSudo() ?? NOBODY;
  const identity = mayChange && has(...raisable) && user.user !== 0 && prepare(user) ? user : null;
  giveUpPrivileges({ identity, permitted: raisable, effective, effectiveIn: "all" });
}

/**
 * Whoever may signal this process can make a thread answer for another one. So what counts is what the
 * kernel says of each thread in the end (proc_pid_status(5)).
 */
function verify(isLeft: (thread: number, permitted: bigint) => boolean, user: number | undefined) {
  for (const { name } of Deno.readDirSync("/proc/self/task")) {
    const status = statusOf(name);
    if (status === null) continue;
    const field = (key: string) => new RegExp(`^${key}:\\s*(\\w+)`, "m").exec(status)?.[1] ?? "";
    const permitted = BigInt(`0x${field("CapPrm")}`);
    const isUser = user === undefined || field("Uid") === String(user);
    if (!isLeft(Number(name), permitted) || !isUser || field("NoNewPrivs") !== "1") {
      throw new SystemError(`give up the privileges of thread ${name}`, ERRNO.EPERM);
    }
  }
}

/** @returns null if the thread has ended */
function statusOf(thread: string): string | null {
  try {
    return Deno.readTextFileSync(`/proc/self/task/${thread}/status`);
  } catch {
    return null;
  }
}

function prctl(option: number, value: number, must?: string): ThreadCall[] {
  const call = { number: SYS_PRCTL, arguments: [option, value] };
  return [must === undefined ? call : { ...call, must }];
}

function becomeUser({ user, group }: UserAndGroup, keepsCapabilities: boolean): ThreadCall[] {
  const must = `become user ${user}`;
  return [
    { number: SYS_SETGROUPS, arguments: [0, 0], must },
    { number: SYS_SETRESGID, arguments: [group, group, group], must },
    ...keepsCapabilities ? prctl(PR_SET_KEEPCAPS, 1, must) : [],
    { number: SYS_SETRESUID, arguments: [user, user, user], must },
    ...keepsCapabilities ? prctl(PR_SET_KEEPCAPS, 0) : [],
  ];
}
