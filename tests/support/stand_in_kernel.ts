/**
 * libbpf and the kernel behind it, as far as a capture uses them, in the hands of a test: it loads what it
 * is given, attaches it or not as the test says, and writes down what was asked of it. No privilege.
 *
 * @module
 */
import { libbpf } from "../../ffi/bpf/load_libbpf.ts";
import { libc } from "../../ffi/linux/load_libc.ts";
import { CONFIG_BYTES } from "../../src/contract/record_layout.ts";
import { replaceNative } from "./native_stand_ins.ts";

/** Numbers of descriptors that are none. */
const FIRST_FD = 1_000_000;

/** `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`. */
const SYS_MEMBARRIER = Deno.build.arch === "x86_64" ? 324n : 283n;

/** `enum bpf_attach_type`: `include/uapi/linux/bpf.h`. */
const LINK_KINDS: Readonly<Record<number, string>> = { 37: "xdp", 46: "tcx", 47: "tcx" };

/** An object that was loaded, or is going to be. */
export interface StandInObject {
  readonly id: number;
  program: string;
  config: Uint8Array;
  readonly maxEntries: Record<string, number>;
  /** Name of a map to the descriptor of the one in its place. */
  readonly shared: Record<string, number>;
  /** Name of a map to its descriptor. */
  readonly fds: Record<string, number>;
  log: Uint8Array;
}

/** Something that a pointer stands for. */
interface Thing {
  readonly object: StandInObject;
  readonly name: string;
}

/** Stands in for libbpf, and for some functions of the C library, until it is disposed of. */
export class StandInKernel implements Disposable {
  readonly objects: StandInObject[] = [];
  /** What was attached, detached and waited for, in that order. */
  readonly log: string[] = [];
  cpus = 4;
  /** What loading an object returns, and what the verifier writes. */
  load = { result: 0, log: "" };
  /** What a link returns, by its kind and for XDP its mode; 0 for success. */
  link: (kind: string) => number = () => 0;
  /** Id of the XDP program on every interface; 0 for none. */
  xdpProgram = 0;
  /** What the question for TCX programs returns. */
  tcxQuery = 0;
  /** What attaching a clsact filter returns. */
  tcAttach = 0;
  /** What making a clsact qdisc returns. */
  qdiscCreate = 0;
  /** Whether interfaces are there. */
  hasInterfaces = true;
  readonly #things: Thing[] = [];
  readonly #links = new Map<number, string>();
  readonly #replaced: Disposable[];
  #nextFd = FIRST_FD;

  constructor() {
    this.#replaced = [
      replaceNative(libbpf(), { ...this.#objectFunctions(), ...this.#attachFunctions() }),
      replaceNative(libc(), this.#libcFunctions()),
    ];
  }

  /** Takes a program off its hook, as the kernel does with its interface. */
  loseLinks(): void {
    this.#links.clear();
  }

  [Symbol.dispose](): void {
    for (const replaced of this.#replaced) replaced[Symbol.dispose]();
  }

  #pointer(object: StandInObject, name: string): Deno.PointerValue {
    this.#things.push({ object, name });
    return Deno.UnsafePointer.create(BigInt(this.#things.length));
  }

  #thing(pointer: Deno.PointerValue): Thing {
    return this.#things[Number(Deno.UnsafePointer.value(pointer)) - 1]!;
  }

  #open(): Deno.PointerValue {
    const object = {
      id: this.objects.length,
      program: "",
      config: new Uint8Array(),
      maxEntries: {},
      shared: {},
      fds: {},
      log: new Uint8Array(),
    };
    this.objects.push(object);
    return this.#pointer(object, "");
  }

  #named = (pointer: Deno.PointerValue, name: Uint8Array): Deno.PointerValue =>
    this.#pointer(
      this.#thing(pointer).object,
      new TextDecoder().decode(name.subarray(0, name.indexOf(0))),
    );

  #objectFunctions() {
    return {
      libbpf_num_possible_cpus: () => this.cpus,
      // 1: the kernel has whatever is asked for.
      libbpf_probe_bpf_map_type: () => 1,
      libbpf_probe_bpf_helper: () => 1,
      bpf_object__open_mem: () => this.#open(),
      bpf_object__close: () => {},
      bpf_object__next_program: () => null,
      bpf_object__find_program_by_name: this.#named,
      bpf_object__find_map_by_name: this.#named,
      bpf_program__set_autoload: (program: Deno.PointerValue) => {
        const { object, name } = this.#thing(program);
        object.program = name;
        return 0;
      },
      bpf_program__set_log_buf: (program: Deno.PointerValue, log: Uint8Array) => {
        this.#thing(program).object.log = log;
        return 0;
      },
      bpf_program__fd: () => this.#nextFd++,
      bpf_program__type: () => 6,
      bpf_object__load: (pointer: Deno.PointerValue) => {
        const { object } = this.#thing(pointer);
        object.log.set(new TextEncoder().encode(this.load.log));
        return this.load.result;
      },
      bpf_map__initial_value: (_map: Deno.PointerValue, size: BigUint64Array) => {
        size[0] = BigInt(CONFIG_BYTES);
        return null;
      },
      bpf_map__set_initial_value: (map: Deno.PointerValue, bytes: Uint8Array) => {
        this.#thing(map).object.config = bytes;
        return 0;
      },
      bpf_map__set_max_entries: (map: Deno.PointerValue, entries: number) => {
        const { object, name } = this.#thing(map);
        object.maxEntries[name] = entries;
        return 0;
      },
      bpf_map__reuse_fd: (map: Deno.PointerValue, fd: number) => {
        const { object, name } = this.#thing(map);
        object.shared[name] = fd;
        return 0;
      },
      bpf_map__fd: (map: Deno.PointerValue) => {
        const { object, name } = this.#thing(map);
        return object.fds[name] ??= this.#nextFd++;
      },
      // Of a link: its interface, or 0.
      bpf_obj_get_info_by_fd: (fd: number, info: Uint8Array) => {
        if (info.length >= 20 && this.#links.has(fd)) {
          new DataView(info.buffer).setUint32(16, 1, true);
        }
        return 0;
      },
    };
  }

  #attachFunctions() {
    return {
      bpf_link_create: (_program: number, _ifindex: number, type: number, opts: Uint8Array) => {
        // XDP_FLAGS_DRV_MODE: `include/uapi/linux/if_link.h`.
        const isNative = opts !== null && new DataView(opts.buffer).getUint32(8, true) === 1 << 2;
        const mode = LINK_KINDS[type] !== "xdp" ? "" : isNative ? " native" : " generic";
        const kind = `${LINK_KINDS[type]}${mode}`;
        const result = this.link(kind);
        if (result < 0) return result;
        const fd = this.#nextFd++;
        this.#links.set(fd, kind);
        this.log.push(`attach ${kind}`);
        return fd;
      },
      bpf_xdp_query: (_ifindex: number, _flags: number, opts: Uint8Array) => {
        const view = new DataView(opts.buffer);
        view.setUint32(8, this.xdpProgram, true);
        view.setUint8(24, this.xdpProgram === 0 ? 0 : 1);
        return 0;
      },
      bpf_prog_query: (...values: [number, number, number, null, Uint32Array, Uint32Array]) => {
        values[5][0] = 0;
        return this.tcxQuery;
      },
      bpf_tc_hook_create: () => {
        if (this.qdiscCreate === 0) this.log.push("make qdisc");
        return this.qdiscCreate;
      },
      bpf_tc_hook_destroy: () => {
        this.log.push("remove qdisc");
        return 0;
      },
      bpf_tc_attach: () => {
        if (this.tcAttach === 0) this.log.push("attach clsact");
        return this.tcAttach;
      },
      bpf_tc_detach: () => {
        this.log.push("detach clsact");
        return 0;
      },
      bpf_tc_query: () => 0,
    };
  }

  #libcFunctions() {
    const { close, fcntl, if_indextoname, syscall } = libc();
    return {
      close: (fd: number) => {
        if (fd < FIRST_FD) return close(fd);
        const kind = this.#links.get(fd);
        this.log.push(kind === undefined ? "close" : `detach ${kind}`);
        this.#links.delete(fd);
        return 0;
      },
      // A duplicate is told from what it duplicates by nobody.
      fcntl: (fd: number, command: number, value: number) =>
        fd < FIRST_FD ? fcntl(fd, command, value) : fd,
      // membarrier, in which the kernel waits for running programs. Rights are this process's own.
      syscall: (...values: Parameters<typeof syscall>) => {
        if (values[0] !== SYS_MEMBARRIER) return syscall(...values);
        this.log.push("wait for programs");
        return 0n;
      },
      if_indextoname: (_ifindex: number, name: Uint8Array<ArrayBuffer>) =>
        this.hasInterfaces ? if_indextoname(1, name) : null,
    };
  }
}
