/**
 * The part of DuckDB's C API that is used, as data: importing this opens nothing.
 *
 * Each argument carries its C declaration from `duckdb.h` of DuckDB 1.5.
 * `tests/checks/ffi_signatures.ts` compares them with those that `@duckdb/node-bindings` repeats.
 *
 * The handles (`duckdb_database`, `duckdb_vector`, ...) are pointers. One that is filled in, or taken
 * away, is passed by address: a `buffer` of eight bytes. An `enum` is passed as `u32`.
 *
 * @module
 */

export const DUCKDB_SYMBOLS = {
  // Databases.
  duckdb_create_config: {
    parameters: [
      "buffer", // duckdb_config *out_config
    ],
    result: "u32", // duckdb_state
  },
  duckdb_set_config: {
    parameters: [
      "pointer", // duckdb_config config
      "buffer", // const char *name
      "buffer", // const char *option
    ],
    result: "u32", // duckdb_state
  },
  duckdb_destroy_config: {
    parameters: [
      "buffer", // duckdb_config *config
    ],
    result: "void", // void
  },
  duckdb_open_ext: {
    parameters: [
      "buffer", // const char *path
      "buffer", // duckdb_database *out_database
      "pointer", // duckdb_config config
      "buffer", // char **out_error
    ],
    result: "u32", // duckdb_state
  },
  duckdb_close: {
    parameters: [
      "buffer", // duckdb_database *database
    ],
    result: "void", // void
  },
  duckdb_connect: {
    parameters: [
      "pointer", // duckdb_database database
      "buffer", // duckdb_connection *out_connection
    ],
    result: "u32", // duckdb_state
  },
  duckdb_disconnect: {
    parameters: [
      "buffer", // duckdb_connection *connection
    ],
    result: "void", // void
  },
  duckdb_free: {
    parameters: [
      "pointer", // void *ptr
    ],
    result: "void", // void
  },

  // Statements.
  duckdb_query: {
    parameters: [
      "pointer", // duckdb_connection connection
      "buffer", // const char *query
      "buffer", // duckdb_result *out_result
    ],
    result: "u32", // duckdb_state
  },
  duckdb_result_error: {
    parameters: [
      "buffer", // duckdb_result *result
    ],
    result: "pointer", // const char *
  },
  duckdb_destroy_result: {
    parameters: [
      "buffer", // duckdb_result *result
    ],
    result: "void", // void
  },

  // Types.
  duckdb_create_logical_type: {
    parameters: [
      "u32", // duckdb_type type
    ],
    result: "pointer", // duckdb_logical_type
  },
  duckdb_create_enum_type: {
    parameters: [
      "buffer", // const char **member_names
      "u64", // idx_t member_count
    ],
    result: "pointer", // duckdb_logical_type
  },
  duckdb_enum_internal_type: {
    parameters: [
      "pointer", // duckdb_logical_type type
    ],
    result: "u32", // duckdb_type
  },
  duckdb_destroy_logical_type: {
    parameters: [
      "buffer", // duckdb_logical_type *type
    ],
    result: "void", // void
  },

  // Table functions.
  duckdb_create_table_function: {
    parameters: [], // void
    result: "pointer", // duckdb_table_function
  },
  duckdb_destroy_table_function: {
    parameters: [
      "buffer", // duckdb_table_function *table_function
    ],
    result: "void", // void
  },
  duckdb_table_function_set_name: {
    parameters: [
      "pointer", // duckdb_table_function table_function
      "buffer", // const char *name
    ],
    result: "void", // void
  },
  duckdb_table_function_set_bind: {
    parameters: [
      "pointer", // duckdb_table_function table_function
      "pointer", // duckdb_table_function_bind_t bind
    ],
    result: "void", // void
  },
  duckdb_table_function_set_init: {
    parameters: [
      "pointer", // duckdb_table_function table_function
      "pointer", // duckdb_table_function_init_t init
    ],
    result: "void", // void
  },
  duckdb_table_function_set_function: {
    parameters: [
      "pointer", // duckdb_table_function table_function
      "pointer", // duckdb_table_function_t function
    ],
    result: "void", // void
  },
  duckdb_register_table_function: {
    parameters: [
      "pointer", // duckdb_connection con
      "pointer", // duckdb_table_function function
    ],
    result: "u32", // duckdb_state
  },
  duckdb_bind_add_result_column: {
    parameters: [
      "pointer", // duckdb_bind_info info
      "buffer", // const char *name
      "pointer", // duckdb_logical_type type
    ],
    result: "void", // void
  },
  duckdb_bind_set_cardinality: {
    parameters: [
      "pointer", // duckdb_bind_info info
      "u64", // idx_t cardinality
      "bool", // bool is_exact
    ],
    result: "void", // void
  },
  duckdb_bind_set_error: {
    parameters: [
      "pointer", // duckdb_bind_info info
      "buffer", // const char *error
    ],
    result: "void", // void
  },
  duckdb_init_set_max_threads: {
    parameters: [
      "pointer", // duckdb_init_info info
      "u64", // idx_t max_threads
    ],
    result: "void", // void
  },
  duckdb_function_set_error: {
    parameters: [
      "pointer", // duckdb_function_info info
      "buffer", // const char *error
    ],
    result: "void", // void
  },

  // Chunks of rows, and the vectors that are their columns.
  duckdb_vector_size: {
    parameters: [], // void
    result: "u64", // idx_t
  },
  duckdb_data_chunk_get_vector: {
    parameters: [
      "pointer", // duckdb_data_chunk chunk
      "u64", // idx_t col_idx
    ],
    result: "pointer", // duckdb_vector
  },
  duckdb_data_chunk_set_size: {
    parameters: [
      "pointer", // duckdb_data_chunk chunk
      "u64", // idx_t size
    ],
    result: "void", // void
  },
  duckdb_vector_get_data: {
    parameters: [
      "pointer", // duckdb_vector vector
    ],
    result: "pointer", // void *
  },
  duckdb_vector_get_validity: {
    parameters: [
      "pointer", // duckdb_vector vector
    ],
    result: "pointer", // uint64_t *
  },
  duckdb_vector_ensure_validity_writable: {
    parameters: [
      "pointer", // duckdb_vector vector
    ],
    result: "void", // void
  },
} as const satisfies Deno.ForeignLibraryInterface;
