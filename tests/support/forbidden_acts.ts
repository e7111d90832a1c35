/**
 * What a recorder that has given up its privileges must not be able to do. Each act works for root, and
 * changes nothing that outlives a network, mount and UTS namespace of its own.
 *
 * Numbers of system calls: `arch/x86/entry/syscalls/syscall_64.tbl`.
 *
 * @module
 */
import { join } from "node:path";
import { checkLibc, ERRNO, SystemError } from "../../ffi/linux/errno.ts";
import { addressOf, allocate, withPinned } from "../../ffi/linux/native_memory.ts";

/** What the acts are about. */
export interface ActsOn {
  /** Directory of root's, mode 0700, with a file `secret`. */
  readonly secrets: string;
  /** Directory that the user may write. */
  readonly own: string;
  /** A process of root's. */
  readonly victim: number;
}

type Argument = number | bigint | Uint8Array<ArrayBuffer>;

function call(number: number, ...args: Argument[]): bigint {
  const values = [0, 1, 2, 3].map((index) => {
    const value = args[index] ?? 0;
    return value instanceof Uint8Array ? addressOf(value) : BigInt(value);
  }) as [bigint, bigint, bigint, bigint];
  return withPinned(args, () => {
    return checkLibc(`call ${number}`, ({ syscall }) => syscall(BigInt(number), ...values));
  });
}

function text(value: string): Uint8Array<ArrayBuffer> {
  const bytes = allocate(value.length + 1);
  bytes.set(new TextEncoder().encode(value));
  return bytes;
}

function closed(fd: bigint): void {
  call(3, fd);
}

function words(bytes: number, values: Readonly<Record<number, number | bigint>>) {
  const memory = allocate(bytes);
  const view = new DataView(memory.buffer);
  for (const [offset, value] of Object.entries(values)) {
    if (typeof value === "bigint") view.setBigUint64(Number(offset), value, true);
    else view.setUint32(Number(offset), value, true);
  }
  return memory;
}

/** `union bpf_attr` for `r0 = 2; exit` as an XDP program: include/uapi/linux/bpf.h. */
function loadProgram(): void {
  const instructions = words(16, { 0: 0x0000_00b7, 4: 2, 8: 0x95, 12: 0 });
  const license = text("GPL");
  const attributes = words(48, {
    0: 6,
    4: 2,
    8: addressOf(instructions),
    16: addressOf(license),
  });
  withPinned([instructions, license], () => closed(call(321, 5, attributes, attributes.length)));
}

/** Asks for the first program of the system by its number; there may be none. */
function listPrograms(): void {
  const attributes = words(16, { 0: 0 });
  try {
    call(321, 11, attributes, attributes.length);
  } catch (error) {
    if (!(error instanceof SystemError) || error.errno !== ERRNO.ENOENT) throw error;
  }
}

/** Sets the tick of the clock to what it is. `struct timex`: include/uapi/linux/timex.h. */
function setClock(): void {
  const timex = allocate(208);
  call(159, timex);
  new DataView(timex.buffer).setUint32(0, 0x4000, true);
  call(159, timex);
}

/** Takes the loopback interface up: SIOCSIFFLAGS with IFF_UP. */
function changeInterface(): void {
  const fd = call(41, 2, 2, 0);
  try {
    const request = allocate(40);
    request.set(new TextEncoder().encode("lo"));
    new DataView(request.buffer).setUint16(16, 1, true);
    call(16, fd, 0x8914, request);
  } finally {
    closed(fd);
  }
}

function becomeCapable(): void {
  const header = words(8, { 0: 0x2008_0522 });
  const data = words(24, { 0: 1 << 21, 4: 1 << 21 });
  call(126, header, data);
}

/** The acts; each throws if it is refused. Those that cannot be taken back come last. */
export function forbiddenActs(on: ActsOn): Record<string, () => void> {
  const secret = join(on.secrets, "secret");
  const made = join(on.secrets, `made-${crypto.randomUUID()}`);
  const device = join(on.own, `device-${crypto.randomUUID()}`);
  return {
    "read a file of root's": () => void Deno.readTextFileSync(secret),
    "write a file of root's": () => Deno.writeTextFileSync(secret, "changed", { append: true }),
    "make a file in a directory of root's": () =>
      Deno.writeTextFileSync(made, "", { createNew: true }),
    "list a directory of root's": () => void [...Deno.readDirSync(on.secrets)],
    "change the mode of root's file": () => Deno.chmodSync(secret, 0o600),
    "give root's file away": () => Deno.chownSync(secret, 0, 0),
    "load an XDP program": loadProgram,
    "list the BPF programs of the system": listPrograms,
    "change an interface": changeInterface,
    "open a raw socket": () => closed(call(41, 2, 3, 1)),
    "open a packet socket": () => closed(call(41, 17, 3, 0)),
    "listen at port 80": () => Deno.listen({ hostname: "127.0.0.1", port: 80 }).close(),
    "signal a process of root's": () => void call(62, on.victim, 0),
    "trace a process of root's": () => {
      call(101, 0x4206, on.victim, 0, 0); // PTRACE_SEIZE
      call(101, 0x4207, on.victim, 0, 0); // PTRACE_INTERRUPT
    },
    "read the environment of root's process": () => {
      void Deno.readTextFileSync(`/proc/${on.victim}/environ`);
    },
    "make a device": () => void call(133, text(device), 0o20600, 0x0103),
    "make a file system to mount": () => closed(call(430, text("tmpfs"), 0)), // fsopen
    "set the name of the host": () => void call(170, text("changed"), 7),
    "set the clock": setClock,
    "raise its priority": () => void call(141, 0, 0, -5),
    "enter another network namespace": () => void call(272, 0x4000_0000),
    "change its root directory": () => void call(161, text("/")),
    "take back a capability": becomeCapable,
    "become group 0": () => void call(119, 0, 0, 0),
    "become root": () => void call(117, 0, 0, 0),
  };
}

/** Tries all acts in this thread. @returns the names of those that were possible */
export function possibleActs(on: ActsOn): string[] {
  return Object.entries(forbiddenActs(on)).flatMap(([name, act]) => {
    try {
      act();
      return [name];
    } catch {
      return [];
    }
  });
}
