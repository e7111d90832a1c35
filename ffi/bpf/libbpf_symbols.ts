/**
 * The part of libbpf that is used, as data: importing this opens nothing.
 *
 * Each argument carries its C declaration from `bpf/libbpf.h` or `bpf/bpf.h`, each symbol the
 * libbpf release that introduced it (the version node in the library's symbol table).
 * `tests/checks/ffi_signatures.ts` compares both the declarations and the types with the installed
 * headers.
 *
 * An `enum` is passed as `u32`: all enums here fit 32 bits and have no negative member. A pointer
 * to memory of ours is a `buffer`, a pointer that libbpf owns is a `pointer`.
 *
 * @module
 */

/** Oldest release that has every symbol below and is tested (Debian 12). */
export const LIBBPF_MINIMUM = { major: 1, minor: 1 } as const;

export const LIBBPF_SYMBOLS = {
  // Library.
  /** Since libbpf 0.6.0. */
  libbpf_major_version: {
    parameters: [], // void
    result: "u32", // __u32
  },
  /** Since libbpf 0.6.0. */
  libbpf_minor_version: {
    parameters: [], // void
    result: "u32", // __u32
  },
  /** Since libbpf 0.0.1. */
  libbpf_set_print: {
    parameters: [
      "pointer", // libbpf_print_fn_t fn
    ],
    result: "pointer", // libbpf_print_fn_t
  },
  /** Since libbpf 0.0.4. */
  libbpf_num_possible_cpus: {
    parameters: [], // void
    result: "i32", // int
  },
  // Feature probes.
  /** Since libbpf 0.7.0. */
  libbpf_probe_bpf_map_type: {
    parameters: [
      "u32", // enum bpf_map_type map_type
      "buffer", // const void *opts
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.7.0. */
  libbpf_probe_bpf_helper: {
    parameters: [
      "u32", // enum bpf_prog_type prog_type
      "u32", // enum bpf_func_id helper_id
      "buffer", // const void *opts
    ],
    result: "i32", // int
  },
  // Objects.
  /** Since libbpf 0.0.6. */
  bpf_object__open_mem: {
    parameters: [
      "buffer", // const void *obj_buf
      "usize", // size_t obj_buf_sz
      "buffer", // const struct bpf_object_open_opts *opts
    ],
    result: "pointer", // struct bpf_object *
  },
  /** Since libbpf 0.0.1. */
  bpf_object__load: {
    parameters: [
      "pointer", // struct bpf_object *obj
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.0.1. */
  bpf_object__close: {
    parameters: [
      "pointer", // struct bpf_object *object
    ],
    result: "void", // void
  },
  /** Since libbpf 0.0.7. */
  bpf_object__find_program_by_name: {
    parameters: [
      "pointer", // const struct bpf_object *obj
      "buffer", // const char *name
    ],
    result: "pointer", // struct bpf_program *
  },
  /** Since libbpf 0.6.0. */
  bpf_object__next_program: {
    parameters: [
      "pointer", // const struct bpf_object *obj
      "pointer", // struct bpf_program *prog
    ],
    result: "pointer", // struct bpf_program *
  },
  /** Since libbpf 0.0.1. */
  bpf_object__find_map_by_name: {
    parameters: [
      "pointer", // const struct bpf_object *obj
      "buffer", // const char *name
    ],
    result: "pointer", // struct bpf_map *
  },
  // Programs.
  /** Since libbpf 0.1.0. */
  bpf_program__set_autoload: {
    parameters: [
      "pointer", // struct bpf_program *prog
      "bool", // bool autoload
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.7.0. */
  bpf_program__set_log_buf: {
    parameters: [
      "pointer", // struct bpf_program *prog
      "buffer", // char *log_buf
      "usize", // size_t log_size
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.0.1. */
  bpf_program__fd: {
    parameters: [
      "pointer", // const struct bpf_program *prog
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.7.0. */
  bpf_program__type: {
    parameters: [
      "pointer", // const struct bpf_program *prog
    ],
    result: "u32", // enum bpf_prog_type
  },
  /** Since libbpf 0.2.0. */
  bpf_prog_test_run_opts: {
    parameters: [
      "i32", // int prog_fd
      "buffer", // struct bpf_test_run_opts *opts
    ],
    result: "i32", // int
  },
  // Maps.
  /** Since libbpf 0.0.1. */
  bpf_map__fd: {
    parameters: [
      "pointer", // const struct bpf_map *map
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.0.1. */
  bpf_map__reuse_fd: {
    parameters: [
      "pointer", // struct bpf_map *map
      "i32", // int fd
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.1.0. */
  bpf_map__set_max_entries: {
    parameters: [
      "pointer", // struct bpf_map *map
      "u32", // __u32 max_entries
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.5.0. */
  bpf_map__initial_value: {
    parameters: [
      "pointer", // struct bpf_map *map
      "buffer", // size_t *psize
    ],
    result: "pointer", // const void *
  },
  /** Since libbpf 0.0.8. */
  bpf_map__set_initial_value: {
    parameters: [
      "pointer", // struct bpf_map *map
      "buffer", // const void *data
      "usize", // size_t size
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.6.0. */
  bpf_map_create: {
    parameters: [
      "u32", // enum bpf_map_type map_type
      "buffer", // const char *map_name
      "u32", // __u32 key_size
      "u32", // __u32 value_size
      "u32", // __u32 max_entries
      "buffer", // const struct bpf_map_create_opts *opts
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.0.1. */
  bpf_map_update_elem: {
    parameters: [
      "i32", // int fd
      "buffer", // const void *key
      "buffer", // const void *value
      "u64", // __u64 flags
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.0.1. */
  bpf_map_lookup_elem: {
    parameters: [
      "i32", // int fd
      "buffer", // const void *key
      "buffer", // void *value
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.0.7. */
  bpf_map_lookup_and_delete_batch: {
    parameters: [
      "i32", // int fd
      "buffer", // void *in_batch
      "buffer", // void *out_batch
      "buffer", // void *keys
      "buffer", // void *values
      "buffer", // __u32 *count
      "buffer", // const struct bpf_map_batch_opts *opts
    ],
    result: "i32", // int
  },
  // Attachment and queries.
  /** Since libbpf 0.0.8. */
  bpf_link_create: {
    parameters: [
      "i32", // int prog_fd
      "i32", // int target_fd
      "u32", // enum bpf_attach_type attach_type
      "buffer", // const struct bpf_link_create_opts *opts
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.0.1. */
  bpf_obj_get_info_by_fd: {
    parameters: [
      "i32", // int bpf_fd
      "buffer", // void *info
      "buffer", // __u32 *info_len
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.7.0. */
  bpf_xdp_query: {
    parameters: [
      "i32", // int ifindex
      "i32", // int flags
      "buffer", // struct bpf_xdp_query_opts *opts
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.0.1. */
  bpf_prog_query: {
    parameters: [
      "i32", // int target_fd
      "u32", // enum bpf_attach_type type
      "u32", // __u32 query_flags
      "buffer", // __u32 *attach_flags
      "buffer", // __u32 *prog_ids
      "buffer", // __u32 *prog_cnt
    ],
    result: "i32", // int
  },
  // Filters of a clsact qdisc.
  /** Since libbpf 0.6.0. */
  bpf_tc_hook_create: {
    parameters: [
      "buffer", // struct bpf_tc_hook *hook
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.6.0. */
  bpf_tc_hook_destroy: {
    parameters: [
      "buffer", // struct bpf_tc_hook *hook
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.6.0. */
  bpf_tc_attach: {
    parameters: [
      "buffer", // const struct bpf_tc_hook *hook
      "buffer", // struct bpf_tc_opts *opts
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.6.0. */
  bpf_tc_detach: {
    parameters: [
      "buffer", // const struct bpf_tc_hook *hook
      "buffer", // const struct bpf_tc_opts *opts
    ],
    result: "i32", // int
  },
  /** Since libbpf 0.6.0. */
  bpf_tc_query: {
    parameters: [
      "buffer", // const struct bpf_tc_hook *hook
      "buffer", // struct bpf_tc_opts *opts
    ],
    result: "i32", // int
  },
} as const satisfies Deno.ForeignLibraryInterface;
