/**
 * What the kernel says of a loaded program or map.
 *
 * @module
 */

import { checkLibbpf } from "../linux/errno.ts";
import { libbpf } from "./load_libbpf.ts";
import { allocate } from "../linux/native_memory.ts";

/** `struct bpf_prog_info` starts `u32 type, u32 id`: `include/uapi/linux/bpf.h`. */
const PROGRAM_INFO_BYTES = 8;
const PROGRAM_INFO_ID = 4;

/**
 * `struct bpf_link_info` starts `u32 type, u32 id, u32 prog_id`; a union aligned to 8 bytes follows,
 * which for links of both kinds (`xdp`, `tcx`) starts with `u32 ifindex`: `include/uapi/linux/bpf.h`.
 */
const LINK_INFO_BYTES = 24;
const LINK_INFO_IFINDEX = 16;

/**
 * `struct bpf_map_info` starts `u32 type, u32 id, u32 key_size, u32 value_size, u32 max_entries`:
 * `include/uapi/linux/bpf.h`.
 */
const MAP_INFO_BYTES = 20;
const MAP_INFO_KEY_SIZE = 8;
const MAP_INFO_VALUE_SIZE = 12;
const MAP_INFO_MAX_ENTRIES = 16;

export interface MapInfo {
  readonly keyBytes: number;
  /** Bytes of one value, for one CPU if the map is per CPU. */
  readonly valueBytes: number;
  readonly maxEntries: number;
}

/** Kernel-wide id of a loaded program, as `bpftool prog` shows it. */
export function programId(programFd: number): number {
  return readInfo("read the id of a BPF program", programFd, PROGRAM_INFO_BYTES)
    .getUint32(PROGRAM_INFO_ID, true);
}

/** Index of the interface that a link attaches to; 0 once the interface or the program has gone. */
export function linkInterface(linkFd: number): number {
  return readInfo("read the interface of a BPF link", linkFd, LINK_INFO_BYTES)
    .getUint32(LINK_INFO_IFINDEX, true);
}

/** Sizes of a map. */
export function mapInfo(mapFd: number): MapInfo {
  const info = readInfo("read the sizes of a BPF map", mapFd, MAP_INFO_BYTES);
  return {
    keyBytes: info.getUint32(MAP_INFO_KEY_SIZE, true),
    valueBytes: info.getUint32(MAP_INFO_VALUE_SIZE, true),
    maxEntries: info.getUint32(MAP_INFO_MAX_ENTRIES, true),
  };
}

/** The kernel fills as many bytes as it is offered, so a leading part of the structure will do. */
function readInfo(operation: string, fd: number, bytes: number): DataView<ArrayBuffer> {
  const info = allocate(bytes);
  const length = new Uint32Array(new ArrayBuffer(4));
  length[0] = bytes;
  checkLibbpf(operation, libbpf().bpf_obj_get_info_by_fd(fd, info, length));
  return new DataView(info.buffer);
}
