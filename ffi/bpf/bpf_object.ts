/**
 * A loaded BPF object: one program and its maps.
 *
 * @module
 */

import { RunError, UnsupportedError } from "../../src/core/errors.ts";
import { cString, textFromCString } from "../linux/cstring.ts";
import { descriptorLimit, hasSpareDescriptors } from "../linux/descriptor_limit.ts";
import {
  checkLibbpf,
  checkLibc,
  ERRNO,
  errorText,
  lastErrno,
  prepareErrno,
  SystemError,
} from "../linux/errno.ts";
import { missingFeature, missingKernelTypes } from "./kernel_features.ts";
import { libbpf } from "./load_libbpf.ts";
import { libc } from "../linux/load_libc.ts";
import {
  addressOf,
  allocate,
  allocateCopy,
  closedError,
  withPinned,
} from "../linux/native_memory.ts";
import { programId } from "./object_info.ts";
import { lacksPerfmon, privilegeError } from "../linux/privilege.ts";
import { VerifierError, verifierReason } from "./verifier_log.ts";

/** `struct bpf_object_open_opts`: `bpf/libbpf.h`. */
const OPEN_OPTIONS = { BYTES: 80, sz: 0, object_name: 8 } as const;

/** Name of the object; the kernel shows maps of `.rodata` under its first letters. */
const OBJECT_NAME = "inspector";

/**
 * Room for the verifier's log: the most that kernels up to 5.1 accept, BPF_LOG_BUF_SIZE in
 * `bpf/bpf.h`. A log that does not fit would turn the error into ENOSPC. The pages stay untouched,
 * and so take no memory, unless a load fails.
 */
const LOG_BYTES = 0xffffffff >>> 8;

/** More than loading an object takes at a time: its maps twice, its types, a probe. */
const DESCRIPTORS_OF_A_LOAD = 24;

/** Name that libbpf gives the map of the constants in section `.rodata`. */
const CONSTANTS = ".rodata";

export interface LoadOptions {
  /** Name of the program (C function) to load; all others of the object are left out. */
  readonly program: string;
  /** Bytes of the object's `.rodata`, all of it. */
  readonly config: Uint8Array;
  /** Map name to `max_entries`. */
  readonly maxEntries?: Readonly<Record<string, number>>;
  /** Map name to the fd of a loaded map that takes its place. The fd is duplicated. */
  readonly shareMaps?: Readonly<Record<string, number>>;
}

/** Owner of a loaded program and its maps; the kernel frees them after the last use of their fds. */
export class BpfObject implements Disposable {
  #object: Deno.PointerValue;
  /** Memory whose addresses libbpf keeps until the object is closed. */
  #retained: unknown[];
  #programFd = -1;
  #programId = 0;
  /** After {@link keepOnly}, descriptors of our own by map name; libbpf has given back all of its. */
  #kept: Map<string, number> | undefined;

  private constructor(object: Deno.PointerValue, retained: unknown[]) {
    this.#object = object;
    this.#retained = retained;
  }

  /**
   * Loads one program of the object file `elf` and creates the object's maps.
   *
   * @throws {UnsupportedError} if a privilege, a kernel feature or libbpf is missing
   * @throws {RunError} if the kernel refuses the program or a map; `cause` is a
   * {@link VerifierError} with the whole log if the verifier refused it
   */
  static load(elf: Uint8Array, options: LoadOptions): BpfObject {
    const loaded = BpfObject.#open(elf);
    try {
      loaded.#configure(options);
      loaded.#load(options);
      return loaded;
    } catch (error) {
      loaded[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Gives back every descriptor but those of the program and of the maps `names`: a recording of many
   * interfaces has many objects. Programs are not affected, as they hold their maps themselves.
   *
   * @throws {RunError} if the object has no such map
   * @throws {SystemError} `EMFILE` if this process may open no more descriptors; nothing has changed then
   */
  keepOnly(names: readonly string[]): void {
    const kept = new Map<string, number>();
    let programFd = -1;
    try {
      for (const name of names) kept.set(name, duplicate(this.mapFd(name)));
      programFd = duplicate(this.programFd);
    } catch (error) {
      for (const fd of kept.values()) libc().close(fd);
      throw error;
    }
    libbpf().bpf_object__close(this.#pointer());
    this.#object = null;
    this.#retained = [];
    this.#kept = kept;
    this.#programFd = programFd;
  }

  /**
   * Gives the program's descriptor back, after {@link keepOnly}; what it is attached to holds the
   * program. Idempotent.
   */
  releaseProgram(): void {
    if (this.#kept === undefined || this.#programFd < 0) return;
    libc().close(this.#programFd);
    this.#programFd = -1;
  }

  /** Fd of the loaded program, valid until it is released or this object is closed. */
  get programFd(): number {
    if (this.#programFd < 0) throw closedError("BpfObject");
    return this.#programFd;
  }

  /** Kernel-wide id of the loaded program, as `bpftool prog` shows it. */
  get programId(): number {
    if (this.#kept === undefined) this.#pointer();
    return this.#programId;
  }

  /**
   * Fd of the map called `name`, valid until this object is closed.
   *
   * @throws {RunError} if the object has no such map, or has given it back
   */
  mapFd(name: string): number {
    if (this.#kept !== undefined) {
      const fd = this.#kept.get(name);
      if (fd === undefined) throw missing("map", name);
      return fd;
    }
    return checkLibbpf(`get the BPF map "${name}"`, libbpf().bpf_map__fd(this.#map(name)));
  }

  [Symbol.dispose](): void {
    this.releaseProgram();
    this.#programFd = -1;
    for (const fd of this.#kept?.values() ?? []) libc().close(fd);
    this.#kept = undefined;
    if (this.#object === null) return;
    libbpf().bpf_object__close(this.#object);
    this.#object = null;
    this.#retained = [];
  }

  static #open(elf: Uint8Array): BpfObject {
    const image = allocateCopy(elf);
    const name = cString(OBJECT_NAME);
    const opts = allocate(OPEN_OPTIONS.BYTES);
    const view = new DataView(opts.buffer);
    view.setBigUint64(OPEN_OPTIONS.sz, BigInt(OPEN_OPTIONS.BYTES), true);
    view.setBigUint64(OPEN_OPTIONS.object_name, addressOf(name), true);
    const retained = [image, name];
    const symbols = libbpf();
    prepareErrno();
    const object = withPinned(
      retained,
      () => symbols.bpf_object__open_mem(image, BigInt(image.length), opts),
    );
    if (object === null) {
      const cause = new SystemError("open the BPF object", lastErrno());
      throw new RunError(
        `Cannot read the BPF object of ${elf.length} bytes: ${errorText(cause.errno)}`,
        { hint: "Build it again with: deno task bpf", cause },
      );
    }
    return new BpfObject(object, retained);
  }

  #configure(options: LoadOptions): void {
    const symbols = libbpf();
    const target = this.#program(options.program);
    for (let program = this.#nextProgram(null); program !== null;) {
      checkLibbpf("leave out a BPF program", symbols.bpf_program__set_autoload(program, false));
      program = this.#nextProgram(program);
    }
    checkLibbpf("choose the BPF program", symbols.bpf_program__set_autoload(target, true));
    this.#setConstants(options.config);
    for (const [name, fd] of Object.entries(options.shareMaps ?? {})) {
      checkLibbpf(`share the BPF map "${name}"`, symbols.bpf_map__reuse_fd(this.#map(name), fd));
    }
    for (const [name, entries] of Object.entries(options.maxEntries ?? {})) {
      this.#setMaxEntries(name, entries);
    }
  }

  #setConstants(config: Uint8Array): void {
    const symbols = libbpf();
    const map = this.#map(CONSTANTS);
    const size = new BigUint64Array(new ArrayBuffer(8));
    symbols.bpf_map__initial_value(map, size);
    if (size[0] !== BigInt(config.length)) {
      throw new RunError(
        `Cannot configure the BPF program: its constants have ${size[0]} bytes, ` +
          `the configuration has ${config.length}`,
        { hint: "Build it again with: deno task bpf" },
      );
    }
    checkLibbpf(
      "configure the BPF program",
      symbols.bpf_map__set_initial_value(map, allocateCopy(config), BigInt(config.length)),
    );
  }

  #setMaxEntries(name: string, entries: number): void {
    const symbols = libbpf();
    const map = this.#map(name);
    checkLibbpf(
      `set the size of the BPF map "${name}"`,
      symbols.bpf_map__set_max_entries(map, entries),
    );
  }

  #load(options: LoadOptions): void {
    const symbols = libbpf();
    const program = this.#program(options.program);
    const log = allocate(LOG_BYTES);
    this.#retained.push(log);
    checkLibbpf(
      "set the log of the BPF program",
      symbols.bpf_program__set_log_buf(program, log, BigInt(log.length)),
    );
    const result = symbols.bpf_object__load(this.#pointer());
    if (result < 0) {
      throw loadError(options, -result, textFromCString(log), symbols.bpf_program__type(program));
    }
    this.#programFd = checkLibbpf("get the BPF program", symbols.bpf_program__fd(program));
    this.#programId = programId(this.#programFd);
  }

  #pointer(): Deno.PointerValue {
    if (this.#object === null) throw closedError("BpfObject");
    return this.#object;
  }

  #nextProgram(previous: Deno.PointerValue): Deno.PointerValue {
    return libbpf().bpf_object__next_program(this.#pointer(), previous);
  }

  #program(name: string): Deno.PointerValue {
    const program = libbpf().bpf_object__find_program_by_name(this.#pointer(), cString(name));
    if (program === null) throw missing("program", name);
    return program;
  }

  #map(name: string): Deno.PointerValue {
    const map = libbpf().bpf_object__find_map_by_name(this.#pointer(), cString(name));
    if (map === null) throw missing("map", name);
    return map;
  }
}

/** `fcntl.h`. */
const F_DUPFD_CLOEXEC = 1030;

function duplicate(fd: number): number {
  return checkLibc("duplicate a descriptor", ({ fcntl }) => fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

function missing(kind: "program" | "map", name: string): RunError {
  return new RunError(`Cannot find the BPF ${kind} "${name}" in the BPF object`, {
    hint: "Build it again with: deno task bpf",
  });
}

/** What a failed load means to the user. */
function loadError(options: LoadOptions, errno: number, log: string, type: number): Error {
  const operation = `load the BPF program "${options.program}"`;
  const cause = log === ""
    ? new SystemError(operation, errno)
    : new VerifierError(operation, errno, log);
  // The verifier's own refusal is EACCES too, but leaves a log.
  const refused = errno === ERRNO.EPERM || (errno === ERRNO.EACCES && log === "");
  if (refused || (log !== "" && lacksPerfmon())) return privilegeError(cause);
  // libbpf takes a question that it could not ask for the answer "no".
  if (errno === ERRNO.EMFILE || !hasSpareDescriptors(DESCRIPTORS_OF_A_LOAD)) {
    return new RunError(
      `Cannot ${operation}: too many open files, the limit is ${descriptorLimit()}`,
      { hint: 'Raise it with "ulimit -n"', cause },
    );
  }
  if (errno === ERRNO.ENOSYS) {
    return new UnsupportedError(`Cannot ${operation}: this kernel has no system call bpf()`, {
      hint: "Use a kernel built with CONFIG_BPF_SYSCALL=y, outside of a sandbox that hides it",
      cause,
    });
  }
  if (errno === ERRNO.ENOMEM) {
    return new RunError(`Cannot ${operation}: not enough memory for its maps`, {
      hint: "Use a smaller --buffer",
      cause,
    });
  }
  // The XDP program calls a function of the kernel (bpf/frame.h). That takes a compiler that can do it,
  // also where the call is left out in the end: kernel/bpf/verifier.c, add_kfunc_call().
  if (errno === ERRNO.ENOTSUPP) {
    return new UnsupportedError(
      `Cannot ${operation}: the BPF JIT compiler of this kernel is off, or cannot call functions`,
      {
        hint: 'Switch it on with "sysctl net.core.bpf_jit_enable=1", or use "--mode tc"',
        cause,
      },
    );
  }
  const unsupported = missingFeature(type, cause) ??
    (errno === ERRNO.ESRCH || errno === ERRNO.ENOENT ? missingKernelTypes(cause) : undefined);
  if (unsupported !== undefined) return unsupported;
  const reason = log === "" ? errorText(errno) : verifierReason(log);
  return new RunError(`Cannot ${operation}: ${reason}`, {
    hint: "Run it again with -v for the whole log of the kernel, and report it",
    cause,
  });
}
